using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Branches: lines of checkpoints in one session, each with a head and a current checkpoint of its own.</summary>
public abstract partial class SessionContract
{
    [Fact]
    public async Task Create_OnBranches_EachHasItsOwnHeadCurrentAndParents()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1");
        await session.CreateAsync(On("b", parent: 1));
        await session.CreateAsync("3");
        await session.CreateAsync(On("b"));
        await session.CreateAsync(On("c"));
        await session.CreateAsync("6");

        var all = await session.AllAsync();

        Assert.Equal([("main", 0), ("b", 1), ("main", 1), ("b", 2), ("c", 0), ("main", 3)], all.Select(c => (c.Branch, (int)(c.Parent ?? 0))));
        Assert.Equal(Enumerable.Range(1, 6).Select(i => (long)i), all.Select(c => c.Position));
        var branches = await session.BranchesAsync();
        Assert.Equal(["main", "b", "c"], (await session.RunAsync(new ListBranches())).Select(b => b.Branch));
        Assert.Equal((6, 6, 3), branches["main"]);
        Assert.Equal((4, 4, 2), branches["b"]);
        Assert.Equal((5, 5, 1), branches["c"]);
        var info = (await session.GetInfoAsync())!;
        Assert.Equal((6, 6, 6, 6), (info.Count, info.Head!.Value.Sequence, info.Current!.Value.Sequence, info.LastSequence));
        Assert.Equal(4, (await session.GetAsync(CheckpointReference.LatestOf("b")))!.Summary.Sequence);
        Assert.Equal(6, (await session.GetAsync(CheckpointReference.LatestOf("main")))!.Summary.Sequence);
        Assert.Equal(5, (await session.GetSummaryAsync(CheckpointReference.CurrentOf("c")))!.Sequence);
        Assert.Null(await session.GetAsync(CheckpointReference.LatestOf("d")));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Create_OnlyOnBranches_LeavesMainWithoutAHead()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync(On("b"));
        await session.CreateAsync(On("b"));

        Assert.Equal((null, null, 0), (await session.BranchesAsync())["main"]);
        Assert.Null((await session.GetInfoAsync())!.Head);
        Assert.Null(await session.GetAsync(CheckpointReference.Latest));
        Assert.Null((await session.CreateAsync("main begins")).Parent);
        Assert.Equal((3, 3, 1), (await session.BranchesAsync())["main"]);
    }

    [Fact]
    public async Task Create_BatchOverBranches_FollowsEachBranchInTheBatch()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();

        var made = await session.CreateBatchAsync(
        [
            On("b") with { ExpectedHead = 0 }, Make.Checkpoint() with { ExpectedHead = 1 }, On("b") with { ExpectedHead = 2 },
            On("c") with { Parent = CheckpointReference.LatestOf("b") }, Make.Checkpoint() with { Parent = CheckpointReference.CurrentOf("c") },
        ]);

        Assert.Equal([0, 1, 2, 4, 5], made.Select(m => (int)(m.Checkpoint!.Parent ?? 0)));
        Assert.Equal(["b", "main", "b", "c", "main"], made.Select(m => m.Checkpoint!.Branch));
        Assert.Equal(((6, 6, 3), (4, 4, 2), (5, 5, 1)), (await session.BranchesAsync()) is var b ? (b["main"], b["b"], b["c"]) : default);
    }

    [Fact]
    public async Task Create_ParentOfAnotherBranchByItsName_IsThatOrRefused()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await session.CreateAsync(On("b"));

        Assert.Equal(1, (await session.CreateAsync(On("c", CheckpointReference.LatestOf("main")))).Checkpoint!.Parent);
        Assert.Equal(2, (await session.CreateAsync(Make.Checkpoint() with { Parent = CheckpointReference.CurrentOf("b") })).Checkpoint!.Parent);
        Assert.Null((await session.CreateAsync(On("d", CheckpointReference.CurrentOf("d")))).Checkpoint!.Parent);
        var error = await Assert.ThrowsAsync<CheckpointNotFoundException>(() => session.CreateAsync(On("b", CheckpointReference.LatestOf("typo"))));
        Assert.Equal(("parent", "latest of branch typo"), (error.Field, error.Checkpoint));
        Assert.Equal(5, (await session.GetInfoAsync())!.LastSequence);
    }

    [Fact]
    public async Task Create_ExpectedHead_IsOfTheBranch()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await session.CreateAsync(On("b") with { ExpectedHead = 0 });

        var stale = await Assert.ThrowsAsync<HeadMismatchException>(() => session.CreateAsync(On("b") with { ExpectedHead = 1 }));
        Assert.Equal((1, 2), (stale.Expected, stale.Actual));
        var begun = await Assert.ThrowsAsync<HeadMismatchException>(() => session.CreateAsync(On("b") with { ExpectedHead = 0 }));
        Assert.Equal(2, begun.Actual);
        Assert.Equal(0, (await Assert.ThrowsAsync<HeadMismatchException>(() => session.CreateAsync(On("c") with { ExpectedHead = 2 }))).Actual);
        Assert.Equal(3, (await session.CreateAsync(On("b") with { ExpectedHead = 2 })).Checkpoint!.Sequence);
        Assert.Equal(4, (await session.CreateAsync(Make.Checkpoint() with { ExpectedHead = 1 })).Checkpoint!.Sequence);
    }

    [Theory]
    [InlineData("")]
    [InlineData("b\n")]
    [InlineData("b\u007f")]
    [InlineData("é")]
    [InlineData("501")]
    public async Task Create_NameThatIsNone_IsRefusedByItsField(string name)
    {
        var session = Forge.Session(Make.Id());
        name = name == "501" ? new string('b', 501) : name;

        Assert.Equal("branch", (await Assert.ThrowsAsync<InvalidRequestException>(() => session.CreateAsync(On(name)))).Field);
        Assert.Equal("checkpoints[1].branch", (await Assert.ThrowsAsync<InvalidRequestException>(
            () => session.CreateBatchAsync([On("b"), On(name)]))).Field);
        Assert.Equal("branch", (await Assert.ThrowsAsync<InvalidRequestException>(
            () => session.ListAsync(new CheckpointQuery { Branch = name }))).Field);
        Assert.Equal("branch", Assert.Throws<InvalidRequestException>(() => CheckpointReference.LatestOf(name)).Field);
        Assert.Null(await session.GetInfoAsync());
    }

    [Fact]
    public async Task Create_NamesComparedOrdinally_AreBranchesOfTheirOwn()
    {
        var session = Forge.Session(Make.Id());
        string[] names = ["A1", "a1", "0a1", "a 1", " ", "~", "main ", "Main", new string('b', 500)];
        foreach (var name in names)
        {
            await session.CreateAsync(On(name));
        }

        Assert.Equal(["main", .. names.Order(StringComparer.Ordinal)], (await session.RunAsync(new ListBranches())).Select(b => b.Branch));
        Assert.All(await session.BranchesAsync(), b => Assert.Equal(b.Key == "main" ? 0 : 1, b.Value.Count));
    }

    [Fact]
    public async Task Create_OneBranchTooMany_IsRefusedAndOthersGoOn()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateBatchAsync([.. Enumerable.Range(0, 999).Select(i => On($"b{i}"))]);

        var error = await Assert.ThrowsAsync<OverLimitException>(() => session.CreateAsync(On("one more")));
        Assert.Equal(("branch", 1000, 1001), (error.Field, error.Limit, error.Actual));
        Assert.Equal("checkpoints[1].branch", (await Assert.ThrowsAsync<OverLimitException>(
            () => session.CreateBatchAsync([Make.Checkpoint(), On("one more")]))).Field);
        await session.CreateAsync(On("b7"));
        await session.DeleteAsync(CheckpointReference.LatestOf("b3"));
        await session.CreateAsync(On("one more"));
        Assert.Equal(1000, (await session.BranchesAsync()).Count);
        Assert.Equal(1000, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Create_RepeatedOnAnotherBranch_IsAConflict()
    {
        var session = Forge.Session(Make.Id());
        var first = On("b") with { Id = new CheckpointId(Guid.NewGuid()) };
        var made = await session.CreateAsync(first);

        Assert.Equivalent(made.Checkpoint, (await session.CreateAsync(first)).Checkpoint, strict: true);
        foreach (var other in new[] { "c", null })
        {
            var error = await Assert.ThrowsAsync<RequestConflictException>(() => session.CreateAsync(first with { Branch = other }));
            Assert.Equal("branch", error.Difference);
        }
    }

    [Fact]
    public async Task Restore_OnABranch_MovesItsCurrentAlone()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await session.CreateAsync(On("b", parent: 1));
        await session.CreateAsync(On("b"));
        await session.CreateAsync();

        var restored = await session.RestoreAsync(1, branch: "b");

        Assert.Equal((1, 3), (restored.Checkpoint!.Summary.Sequence, restored.Undo!.Value.Sequence));
        Assert.Equal((3, 1, 2), (await session.BranchesAsync())["b"]);
        Assert.Equal((4, 4, 2), (await session.BranchesAsync())["main"]);
        Assert.Equal(1, (await session.CreateAsync(On("b"))).Checkpoint!.Parent);
        await session.RestoreAsync(CheckpointReference.LatestOf("b"));
        Assert.Equal(5, (await session.CreateAsync()).Parent);
        var error = await Assert.ThrowsAsync<BranchNotFoundException>(() => session.RestoreAsync(1, branch: "c"));
        Assert.Equal("c", error.Branch);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Delete_HeadOfABranch_TheNewestOneLeftOfItFollows()
    {
        var session = Forge.Session(Make.Id());
        foreach (var branch in new[] { null, "b", null, "b", "b", null })
        {
            await session.CreateAsync(Make.Checkpoint() with { Branch = branch });
        }

        await session.DeleteAsync(5);
        Assert.Equal((4, 4, 2), (await session.BranchesAsync())["b"]);
        await session.DeleteAsync(2);
        Assert.Equal((4, 4, 1), (await session.BranchesAsync())["b"]);
        await session.DeleteAsync(4);
        Assert.Equal(["main"], (await session.BranchesAsync()).Keys);
        Assert.Equal((6, 6, 3), (await session.BranchesAsync())["main"]);
        await session.DeleteAsync(6);
        Assert.Equal((3, 3, 2), (await session.BranchesAsync())["main"]);
        Assert.Null((await session.CreateAsync(On("b"))).Checkpoint!.Parent);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Delete_CurrentOnSeveralBranches_ItsNearestAncestorFollowsOnEach()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        await session.CreateAsync();
        await session.CreateAsync(On("b", parent: 2));
        await session.CreateAsync(On("c", parent: 2));
        await session.RestoreAsync(2, branch: "b");
        await session.RestoreAsync(2, branch: "c");

        await session.DeleteAsync(2);

        var branches = await session.BranchesAsync();
        Assert.Equal(((1, 1, 1), (3, 1, 1), (4, 1, 1)), (branches["main"], branches["b"], branches["c"]));
        await session.DeleteAsync(1);
        branches = await session.BranchesAsync();
        Assert.Equal(((null, null, 0), (3, null, 1), (4, null, 1)), (branches["main"], branches["b"], branches["c"]));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Compact_Branches_KeepsTheHeadTheCurrentOneAndTheTipsOfEach()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 0; i < 30; i++)
        {
            await session.CreateAsync(Make.Checkpoint($"{i}") with { Branch = (i % 3) switch { 0 => null, 1 => "b", _ => "c" } });
        }

        await session.RestoreAsync(8, branch: "b");
        await session.CreateAsync(On("c", parent: 5));
        await session.CreateAsync(On("b", parent: CheckpointReference.CurrentOf("c")));
        await session.RestoreAsync(11, branch: "b");

        // c: 30 is a tip that 31 left behind, and 31 its head; b: 32 its head, 29 the tip that it left, and 11 its current one.
        var compacted = await session.CompactAsync(new RetentionPolicy { KeepRecent = 0 });

        Assert.Equal([11, 28, 29, 30, 31, 32], (await session.AllAsync()).Select(c => (int)c.Sequence));
        Assert.Equal((26, 6), (compacted.Deleted, compacted.Remaining));
        var branches = await session.BranchesAsync();
        Assert.Equal(((28, 28, 1), (32, 11, 3), (31, 31, 2)), (branches["main"], branches["b"], branches["c"]));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task List_OfABranch_HasItsOwnAloneInPages()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 1; i <= 40; i++)
        {
            await session.CreateAsync(Make.Checkpoint($"{i}", i % 4 == 0 ? ["t"] : []) with
            {
                Branch = i % 2 == 0 ? "b" : null,
                Trigger = i % 3 == 0 ? CheckpointTrigger.Error : CheckpointTrigger.Manual,
            });
        }

        Assert.Equal(Enumerable.Range(1, 40), await SequencesAsync(new()));
        Assert.Equal(Enumerable.Range(1, 40).Where(i => i % 2 == 0), await SequencesAsync(new() { Branch = "b" }));
        Assert.Equal(Enumerable.Range(1, 40).Where(i => i % 2 == 1), await SequencesAsync(new() { Branch = "main" }));
        Assert.Equal([4, 8, 12, 16, 20, 24, 28, 32, 36, 40], await SequencesAsync(new() { Branch = "b", Tag = "t" }));
        Assert.Empty(await SequencesAsync(new() { Branch = "main", Tag = "t" }));
        Assert.Equal([6, 12, 18, 24, 30, 36], await SequencesAsync(new() { Branch = "b", Trigger = CheckpointTrigger.Error }));
        Assert.Equal([12, 24, 36], await SequencesAsync(new() { Branch = "b", Trigger = CheckpointTrigger.Error, Tag = "t" }));
        Assert.Equal([11, 13], await SequencesAsync(new() { Branch = "main", After = 10, Before = 15 }));
        Assert.Empty(await SequencesAsync(new() { Branch = "c" }));

        async Task<IEnumerable<int>> SequencesAsync(CheckpointQuery query)
        {
            var newest = (await session.AllAsync(query with { Limit = 7 })).Select(c => (int)c.Sequence).ToList();
            var oldest = (await session.AllAsync(query with { Limit = 3, Order = ListOrder.OldestFirst })).Select(c => (int)c.Sequence).ToList();
            Assert.Equal(oldest, Enumerable.Reverse(newest));
            return oldest;
        }
    }

    [Fact]
    public async Task At_OfABranch_IsItsNewestAtThatTime()
    {
        var session = Forge.Session(Make.Id());
        List<CheckpointSummary> made = [];
        foreach (var branch in new[] { null, "b", null, "b" })
        {
            made.Add((await session.CreateAsync(Make.Checkpoint() with { Branch = branch })).Checkpoint!);
        }

        Assert.Equal(2, (await AtAsync(made[3].CreatedAt.AddMicroseconds(-1), "b"))?.Sequence);
        Assert.Equal(4, (await AtAsync(made[3].CreatedAt, "b"))!.Sequence);
        Assert.Equal(3, (await AtAsync(made[3].CreatedAt.AddDays(1), null))!.Sequence);
        Assert.Null(await AtAsync(made[0].CreatedAt.AddMicroseconds(-1), null));
        Assert.Null(await AtAsync(made[3].CreatedAt, "c"));

        Task<CheckpointSummary?> AtAsync(DateTimeOffset time, string? branch) => session.RunAsync(new GetCheckpointAt(time, branch));
    }

    [Fact]
    public async Task Import_OfBranches_KeepsWhereTheyStand()
    {
        var (origin, copy) = (Forge.Session(Make.Id()), Forge.Session(Make.Id()));
        await origin.CreateAsync();
        await origin.CreateAsync(On("b", parent: 1));
        await origin.CreateAsync(On("b"));
        await origin.CreateAsync();
        await origin.CreateAsync(On("only root"));
        await origin.RestoreAsync(1, branch: "b");
        var document = await origin.ExportAllAsync();
        Assert.Contains("\"version\":2,", System.Text.Encoding.UTF8.GetString(document), StringComparison.Ordinal);

        await copy.ImportAllAsync(document);

        Assert.Equal(await origin.BranchesAsync(), await copy.BranchesAsync());
        Assert.Equal((await origin.AllAsync()).Select(c => c.Branch), (await copy.AllAsync()).Select(c => c.Branch));
        Assert.Equal(1, (await copy.CreateAsync(On("b"))).Checkpoint!.Parent);
        Assert.True((await copy.VerifyOnceAsync()).IsIntact);

        // What came since is added, and each branch goes on behind it.
        await origin.CreateAsync(On("b", parent: 3));
        await origin.CreateAsync(On("new"));
        var again = Forge.Session(Make.Id());
        await again.ImportAllAsync(document);
        await again.ImportAllAsync(await origin.ExportAllAsync());
        Assert.Equal(((6, 6, 3), (7, 7, 1), (4, 4, 2)), await again.BranchesAsync() is var b ? (b["b"], b["new"], b["main"]) : default);
        Assert.True((await again.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Export_WithoutBranches_IsOfTheFirstVersion()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync();
        var header = System.Text.Encoding.UTF8.GetString(await session.ExportAllAsync());
        Assert.Contains("\"version\":1,", header, StringComparison.Ordinal);
        Assert.DoesNotContain("branch", header, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_TwentySubAgentsOnABranchEach_KeepTheirLines()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("root");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async agent =>
        {
            for (var i = 0; i < 15; i++)
            {
                await session.CreateAsync(On($"agent {agent}", parent: i == 0 ? 1 : null));
            }
        }));

        var all = await session.AllAsync();
        Assert.Equal(Enumerable.Range(1, 301).Select(i => (long)i), all.Select(c => c.Sequence));
        foreach (var line in all.Where(c => c.Branch != "main").GroupBy(c => c.Branch))
        {
            Assert.Equal([1, .. line.SkipLast(1).Select(c => c.Sequence)], line.Select(c => c.Parent ?? 0));
        }

        var branches = await session.BranchesAsync();
        Assert.Equal(21, branches.Count);
        Assert.All(branches, b => Assert.Equal(b.Key == "main" ? 1 : 15, b.Value.Count));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    private static NewCheckpoint On(string branch, CheckpointReference? parent = null) =>
        Make.Checkpoint() with { Branch = branch, Parent = parent };
}
