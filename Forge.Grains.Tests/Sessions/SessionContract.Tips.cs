using Forge.Checkpoints;
using Forge.Errors;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>The tips of branches.</summary>
public abstract partial class SessionContract
{
    [Fact]
    public async Task Branches_WithTips_NameThoseOfEachBranchTheNewestFirst()
    {
        // main: 1 - 2 - 3, and 6 and 7 beside it on 2; b: 4 on 3, and 5 on 1; c: 8 on 7, which is a tip of main no more.
        var session = Forge.Session(Make.Id());
        foreach (var (branch, parent) in new[] { ("main", 0), ("main", 1), ("main", 2), ("b", 3), ("b", 1), ("main", 2), ("main", 2), ("c", 7) })
        {
            await session.CreateAsync(On(branch, parent == 0 ? CheckpointReference.None : CheckpointReference.BySequence(parent)));
        }

        Assert.Equal([("main", "6", 1), ("b", "5,4", 2), ("c", "8", 1)], await TipsAsync(10));
        Assert.Equal([("main", "6", 1), ("b", "5", 2), ("c", "8", 1)], await TipsAsync(1));
        Assert.All(await session.RunAsync(new ListBranches()), b => Assert.Equal((null, null), (b.Tips, b.TipCount)));

        await session.DeleteAsync(8);
        Assert.Equal([("main", "7,6", 2), ("b", "5,4", 2)], await TipsAsync(10));

        async Task<IEnumerable<(string, string, int)>> TipsAsync(int tips) =>
            (await session.RunAsync(new ListBranches { Tips = tips })).Select(
                b => (b.Branch, string.Join(',', b.Tips!.Select(t => t.Sequence)), (int)b.TipCount!));
    }

    [Fact]
    public async Task Branches_WhoseChildrenWereCompactedAway_HaveThemAsNoTips()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync(Make.Checkpoint() with { Tags = ["keep"] });
        await session.CreateAsync(On("b", 1));
        await session.CreateAsync(Make.Checkpoint() with { Parent = CheckpointReference.None });
        await session.CreateAsync(On("b", CheckpointReference.None));
        await session.DeleteAsync(2);
        Assert.Equal((2, 1), await CountsAsync());

        await session.CompactAsync(new RetentionPolicy { KeepTags = ["keep"] });
        Assert.Equal((2, 1), await CountsAsync());

        async Task<(long?, long?)> CountsAsync() =>
            await session.RunAsync(new ListBranches { Tips = 1 }) is var b ? (b[0].TipCount, b[1].TipCount) : default;
    }

    [Fact]
    public async Task Branches_TooManyTips_AreRefused()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();

        Assert.Equal("tips", (await Assert.ThrowsAsync<OverLimitException>(() => session.RunAsync(new ListBranches { Tips = 101 }))).Field);
        Assert.Equal("tips", (await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new ListBranches { Tips = -1 }))).Field);
    }
}
