using System.Text;
using System.Text.RegularExpressions;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What checkpoints require when they go into another session.</summary>
public abstract partial class SessionContract
{
    [Fact]
    public async Task Fork_OfOneThatRequires_RequiresNothing()
    {
        var (origin, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync(Requiring(1));
        var name = Make.Id("fork");

        await ForkAsync(origin, 2, name);

        var fork = Forge.Session(name);
        Assert.Empty(Assert.Single(await fork.AllAsync()).Requires);
        Assert.True(await session.DeleteAsync(2));
        Assert.True(await session.DeleteAsync(1));
        await AssertIntactAsync(fork);
    }

    [Fact]
    public async Task Fork_WithHistory_TakesWhatIsRequiredAndTheWayToThat()
    {
        // Lines: 1 - 2 - 3 - 8, a root 4 - 5 - 6 on b, 2 - 7. 8 requires 5, and 5 requires 7. 6 and 9 stay behind.
        var (origin, session) = New();
        await session.CreateBatchAsync([Make.Checkpoint("1"), Make.Checkpoint("2"), Make.Checkpoint("3")]);
        await session.CreateAsync(On("b", CheckpointReference.None));
        await session.CreateAsync(Make.Checkpoint("7, in the end") with { Parent = 2 });
        await session.CreateAsync(Requiring(5) with { Branch = "b" });
        await session.CreateAsync(On("b"));
        await session.CreateAsync(Requiring(6, 1) with { Parent = 3 });
        await session.CreateAsync("9");
        await session.SetTagsAsync(4, ["far"]);
        var (name, dryRun) = (Make.Id("fork"), await ForkAsync(origin, 8, Make.Id(), withHistory: true, dryRun: true));

        var result = await ForkAsync(origin, 8, name, withHistory: true);

        var fork = Forge.Session(name);
        long[] there = [1, 2, 3, 4, 5, 6, 8];
        await AssertSameAsync(session, fork, there);
        Assert.Equal((7L, 7L, result.Bytes), (result.Count, dryRun.Count, dryRun.Bytes));
        Assert.Equal([null, 1, 2, null, 2, 4, 3], (await fork.AllAsync()).Select(c => c.Parent));
        Assert.Equal(["", "", "", "", "", "5", "1,6"], (await fork.AllAsync()).Select(c => string.Join(',', c.Requires)));
        Assert.Equal(((6L, 6L, 2L), (8L, 8L, 5L)), await fork.BranchesAsync() is var b ? (b["b"], b["main"]) : default);
        await AssertIntactAsync(fork);

        // It stands by itself: what is required there stays there, whatever becomes of the origin.
        await session.EraseSessionAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<CheckpointRequiredException>(() => fork.DeleteAsync(5));
        await fork.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        Assert.Equal([1, 5, 6, 8], (await fork.AllAsync()).Select(c => c.Sequence));
        await Forge.SweepUntilGoneAsync(name);
        await AssertIntactAsync(fork);
    }

    [Fact]
    public async Task Fork_WithHistoryOfManyLinesThatRequireEachOther_IsWhole()
    {
        var (origin, session) = New();
        var random = new Random(11);
        await session.CreateAsync("1");
        for (var i = 1L; i < 150; i++)
        {
            CheckpointReference[] requires = [.. Enumerable.Range(0, random.Next(3)).Select(_ => CheckpointReference.BySequence(random.NextInt64(1, i + 1)))];
            await session.CreateAsync(Make.Checkpoint($"{new string('x', 500)}{i}") with
            {
                Branch = random.Next(3) == 0 ? $"b{random.Next(3)}" : null,
                Parent = random.Next(4) == 0 ? CheckpointReference.BySequence(random.NextInt64(1, i + 1)) : null,
                Requires = requires,
            });
        }

        await session.CompactAsync(new RetentionPolicy { KeepRecent = 40 });
        await Forge.SweepUntilGoneAsync(origin);
        var name = Make.Id("fork");
        await ForkAsync(origin, 150, name, withHistory: true);

        var (all, copied) = ((await session.AllAsync()).ToDictionary(c => c.Sequence), await Forge.Session(name).AllAsync());
        var closure = new HashSet<long>();
        Add(150);
        Assert.Equal(closure.Order(), copied.Select(c => c.Sequence));
        Assert.Equal(copied.Select(c => all[c.Sequence].KeptParent), copied.Select(c => c.Parent));
        Assert.All(copied, c => Assert.Equal(all[c.Sequence].Requires, c.Requires));
        await AssertSameAsync(session, Forge.Session(name), [.. closure.Order()]);
        await AssertIntactAsync(Forge.Session(name));

        void Add(long sequence)
        {
            if (sequence > 0 && closure.Add(sequence))
            {
                all[sequence].Requires.ToList().ForEach(Add);
                Add(all[sequence].KeptParent ?? 0);
            }
        }
    }

    [Fact]
    public async Task Import_OfAnExportInWhichSomeRequireOthers_IsTheSame()
    {
        var (_, origin) = New();
        await origin.CreateBatchAsync([Make.Checkpoint("1"), Make.Checkpoint("2"), Make.Checkpoint("3")]);
        await origin.CreateAsync(Requiring(1, 3));
        await origin.DeleteAsync(2);
        var document = await origin.ExportAllAsync();
        Assert.Contains("\"version\":2,", Text(document), StringComparison.Ordinal);
        Assert.Contains("\"requires\":[1,3],", Text(document), StringComparison.Ordinal);
        var copy = Forge.Session(Make.Id());

        await copy.ImportAllAsync(document);

        Assert.Equal([1, 3], (await copy.GetSummaryAsync(4))!.Requires);
        Assert.Equal([4], (await Assert.ThrowsAsync<CheckpointRequiredException>(() => copy.DeleteAsync(1))).RequiredBy);
        await AssertIntactAsync(copy);

        // What is there already is the same, and what comes later may require it.
        await origin.CreateAsync(Requiring(4, 1));
        var again = await copy.ImportAllAsync(await origin.ExportAllAsync());
        Assert.Equal((1, 3), (again.Imported, again.Skipped));
        Assert.Equal([4, 5], (await Assert.ThrowsAsync<CheckpointRequiredException>(() => copy.DeleteAsync(1))).RequiredBy);
        await AssertIntactAsync(copy);
        var error = await Assert.ThrowsAsync<ImportRejectedException>(() => copy.ImportAllAsync(With(document, "[1,3]", "[3]")));
        Assert.Contains("another requires", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_OfWhatRequiresNothingAnyMore_IsOfTheFirstVersion()
    {
        var (_, session) = New();
        await session.CreateAsync("1");
        await session.CreateAsync(Requiring(1));
        await session.CreateAsync("3");
        await session.DeleteAsync(2);

        Assert.Contains("\"version\":1,", Text(await session.ExportAllAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[2,1]", "has sequence 3 and requires 1")]
    [InlineData("[1,1]", "has sequence 3 and requires 1")]
    [InlineData("[3]", "has sequence 3 and requires 3")]
    [InlineData("[0]", "has sequence 3 and requires 0")]
    [InlineData("[2]", "checkpoint 3 requires 2, which is neither in it")]
    [InlineData("[\"1\"]", "must be an array of whole numbers")]
    [InlineData("null", "must be an array of whole numbers")]
    public async Task Import_RequiresWhatItCannot_IsRefusedAsAWhole(string requires, string problem)
    {
        var (_, origin) = New();
        await origin.CreateAsync("1");
        await origin.CreateAsync("2");
        await origin.CreateAsync(Requiring(1));
        await origin.DeleteAsync(2);
        var copy = Forge.Session(Make.Id());

        var error = await Assert.ThrowsAsync<ImportRejectedException>(
            async () => await copy.ImportAllAsync(With(await origin.ExportAllAsync(), "[1]", requires)));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Null(await copy.GetInfoAsync());
        await copy.ImportAllAsync(await origin.ExportAllAsync());
        await AssertIntactAsync(copy);
    }

    private static string Text(byte[] document) => Encoding.UTF8.GetString(document);

    /// <summary>A document in which one line requires something else.</summary>
    private static byte[] With(byte[] document, string requires, string others) => Encoding.UTF8.GetBytes(
        Regex.Replace(Text(document), $"\"requires\":{Regex.Escape(requires)}", $"\"requires\":{others}"));
}
