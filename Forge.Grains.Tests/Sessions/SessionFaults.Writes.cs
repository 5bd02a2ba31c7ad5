using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Pending writes beside what fails, and beside another activation of the session.</summary>
public abstract partial class SessionFaults
{
    [Fact]
    public async Task Writes_OfManyTasksAtOnce_ShareACommit()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync();
        var (entered, release) = Store.HoldNext();
        var first = session.WriteAsync(1, "first");
        await entered;
        var behind = Enumerable.Range(0, 20).Select(i => session.WriteAsync(1, $"t{i}")).ToArray();
        await session.GetInfoAsync();
        release();

        await Task.WhenAll([first, .. behind]);

        Assert.Equal(3, (await session.GetInfoAsync())!.Version);
        Assert.Equal(21, (await session.WritesOfAsync(1)).Count);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(WriteMode.First, false)]
    [InlineData(WriteMode.First, true)]
    [InlineData(WriteMode.Replace, false)]
    public async Task Write_OfAnActivationThatIsStale_DecidesNothing(WriteMode mode, bool isThere)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync();
        if (isThere)
        {
            await session.WriteAsync(1, "a");
        }

        // The other one takes the key, or takes it away, of which this one knows nothing.
        var target = await Store.Inner.Reads.ReadCheckpointAsync(Address, 1, CheckpointParts.Summary, CancellationToken.None);
        await ChangeElsewhereAsync(engine => isThere
            ? engine.Clear(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow(), _ => null)
            : engine.Write(
                target.With(target.Value!.Row), [WriteCommand.Of(WriteCalls.Make("a", 0, "elsewhere"))], TimeProvider.System.GetUtcNow(), 10,
                _ => null, default, out _));

        var error = await Try(() => session.WriteAsync(1, [WriteCalls.Make("a", 0, "mine", mode)]));

        Assert.IsType<SessionMovedException>(error);
        if (isThere)
        {
            Assert.Null(await session.ListWritesAsync(1));
            return;
        }

        Assert.Equal(["a/0=elsewhere"], await session.WritesOfAsync(1));
        Assert.Equal(
            mode == WriteMode.First ? WriteOutcome.Kept : WriteOutcome.Replaced,
            (await session.WriteAsync(1, [WriteCalls.Make("a", 0, "mine", mode)])).Outcomes[0]);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Write_CommitFails_LeavesTheKeyFreeAndTheCountAsItWas()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync();
        var (entered, release) = Store.HoldNext(new UnavailableException("no"));
        var first = Try(() => session.WriteAsync(1, [WriteCalls.Make("a", 0, "lost")]));
        await entered;
        var behind = Try(() => session.WriteAsync(1, [WriteCalls.Make("a", 0, "behind")]));
        await session.GetInfoAsync();
        release();

        Assert.IsType<UnavailableException>(await first);
        var error = await behind;
        Assert.True(error is null or UnavailableException, $"{error}");
        var result = await session.WriteAsync(1, [WriteCalls.Make("a", 0, "after")]);
        Assert.Equal(error is null ? WriteOutcome.Kept : WriteOutcome.Written, result.Outcomes[0]);
        Assert.Equal(1, (await session.CountedAsync()).Item1);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_BesideTheDeletionOfItsCheckpoint_WaitsForWhatBecomesOfThat(bool fails)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        var (entered, release) = Store.HoldNext(fails ? new UnavailableException("no") : null);
        var delete = Try(() => session.DeleteAsync(1));
        await entered;
        var write = Try(() => session.WriteAsync(1, "a"));
        await session.GetInfoAsync();
        Assert.False(write.IsCompleted);
        release();

        Assert.Equal(fails, await delete is UnavailableException);
        Assert.Equal(fails ? null : typeof(CheckpointNotFoundException), (await write)?.GetType());
        Assert.Equal(fails ? 1 : 0, (await session.CountedAsync()).Item1);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Writes_BesideACompaction_AreCountedRight()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        for (var i = 1; i <= 40; i++)
        {
            await session.CreateAsync($"{i}");
        }

        var writes = Enumerable.Range(0, 80).Select(i => Try(() => session.WriteAsync((i % 40) + 1, $"t{i}"))).ToArray();
        var compaction = session.CompactAsync(new RetentionPolicy { KeepRecent = 5 });
        var creates = Enumerable.Range(0, 20).Select(i => session.CreateAsync(
            Make.Checkpoint($"more {i}") with { Writes = [WriteCalls.Make($"c{i}")] })).ToArray();
        var errors = await Task.WhenAll(writes);
        await compaction;
        await Task.WhenAll(creates);

        Assert.All(errors, error => Assert.True(error is null or CheckpointNotFoundException, $"{error}"));
        var there = 0L;
        foreach (var checkpoint in await session.AllAsync())
        {
            there += (await session.WritesOfAsync(checkpoint.Sequence)).Count;
        }

        Assert.Equal(there, (await session.CountedAsync()).Item1);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Create_RepeatedInASessionWithoutWrites_IsLookedUpOnce()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        var request = Make.Checkpoint() with { IdempotencyKey = "k" };
        await session.CreateAsync(request);
        var lookUps = Store.LookUps;

        Assert.Equal(CreateOutcome.Repeated, (await session.CreateAsync(request)).Outcome);

        Assert.Equal(1, Store.LookUps - lookUps);
        await session.WriteAsync(1, "a");
        Assert.Equal(CreateOutcome.Repeated, (await session.CreateAsync(request)).Outcome);
        Assert.Equal(3, Store.LookUps - lookUps);
    }

    private static SessionAddress Address => new(TenantId.Default, SessionId.Parse("s"));
}
