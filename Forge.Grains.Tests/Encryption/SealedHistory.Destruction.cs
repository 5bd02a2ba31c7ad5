using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.History.Writing;
using Forge.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Encryption;

/// <summary>What becomes of what stands on rows whose key is gone, and of the key's own bytes.</summary>
public abstract partial class SealedHistory
{
    private readonly KnownStates _known = new(1 << 20);

    [Fact]
    public async Task Create_BehindADestruction_StandsOnNothingOfBefore()
    {
        await ReopenAsync(AtOnce("a"));
        var (session, owner) = (Session("s"), new KnownStates.Owner());
        Assert.Equal(1, (await SaveAsync(owner, session, Row(1) with { Tags = ["tag"] }, Row(2)))[^1].Base);
        Assert.Equal(2, (await SaveAsync(owner, session, Row(3)))[^1].Base);
        await Ring(TestKeys.On("a")).DestroyAsync(TenantId.Default, Cancel);

        Assert.Null((await SaveAsync(owner, session, Row(4) with { Tags = ["tag"] }))[^1].Base);
        Assert.Equal(4, (await SaveAsync(owner, session, Row(5)))[^1].Base);

        await ReopenAsync(TestKeys.On("a"));
        Assert.Equal(StateOf(4), (await StateAsync(session.Address, 4)).ToArray());
        Assert.Equal(StateOf(5), (await StateAsync(session.Address, 5)).ToArray());
        await MissingAsync(() => StateAsync(session.Address, 3));

        // Lists go on, without the messages that are gone.
        var listed = (await Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 9 }, Cancel)).Value;
        Assert.Equal(["", "", "", Row(4).Message, Row(5).Message], listed.OrderBy(row => row.Sequence).Select(row => row.Message));
        var found = await Store.Catalog.ListCheckpointsAsync(TenantId.Default, new CheckpointFilter { Tag = "tag", Limit = 9 }, Cancel);
        Assert.Equal(["", Row(4).Message], found.Rows.Select(row => row.Row).OrderBy(row => row.Sequence).Select(row => row.Message));
    }

    [Fact]
    public async Task Commit_EncodedBeforeADestruction_IsRefusedAndWritesNothing()
    {
        await ReopenAsync(AtOnce("a"));
        var (session, owner) = (Session("s"), new KnownStates.Owner());
        await SaveAsync(owner, session, Row(1));
        var encoded = await Encoder.EncodeAsync(owner, await session.NextAsync(Row(2)));
        Assert.Equal(1, encoded.Commit.Creates[0].Base);
        await Ring(TestKeys.On("a")).DestroyAsync(TenantId.Default, Cancel);

        var outcome = Assert.Single(await Store.Commits.CommitAsync(SessionScript.Batch(encoded.Commit), Cancel));
        Encoder.End(owner, encoded, outcome.Status);

        Assert.Equal(CommitStatus.Unavailable, outcome.Status);
        Assert.IsType<UnavailableException>(outcome.Cause);
        Assert.Equal(1, (await Store.Reads.ReadHeadAsync(session.Address, Cancel))!.Head.Count);
        Assert.Null((await SaveAsync(owner, session, Row(2)))[^1].Base);
        Assert.Equal(StateOf(2), (await StateAsync(session.Address, 2)).ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reclaim_OfRowsWhoseKeyIsGone_WaitsForItUnlessItWasDestroyed(bool isDestroyed)
    {
        // Enough that go for a copy of the one that stays to pay.
        const int rows = 12;
        var session = Session("s");
        await SaveAsync(new KnownStates.Owner(), session, [.. Enumerable.Range(1, rows).Select(i => Row(i))]);

        // One by itself, for the group of the newest one is left alone.
        Assert.Null((await SaveAsync(new KnownStates.Owner(), session, Row(rows + 1)))[^1].Base);
        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new SequenceRange(1, rows - 1)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        if (isDestroyed)
        {
            await Ring(TestKeys.On("a")).DestroyAsync(TenantId.Default, Cancel);
        }

        await ReopenAsync(isDestroyed ? TestKeys.On("a") : TestKeys.Off());
        var work = (await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, session.Key, Cancel))!;
        if (!isDestroyed)
        {
            await MissingAsync(() => Store.Upkeep.DoWorkAsync(work, 99, HistoryRows.Start, Cancel));
            Assert.Equal(rows + 1, (await KeysOfRowsAsync()).Count());
            await ReopenAsync(TestKeys.On("a"));
        }

        var steps = 0;
        while (!await Store.Upkeep.DoWorkAsync(work, 99, HistoryRows.Start, Cancel))
        {
            Assert.InRange(++steps, 0, 9);
        }

        var listed = (await Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 9 }, Cancel)).Value;
        Assert.Equal([rows, rows + 1L], listed.Select(row => row.Sequence).Order());
        if (!isDestroyed)
        {
            Assert.Equal(StateOf(rows), (await StateAsync(session.Address, rows)).ToArray());
            Assert.Equal([1, 1], await KeysOfRowsAsync());
        }
    }

    [Fact]
    public async Task Purge_BehindADestruction_LeavesNothingOfTheWrappedKey()
    {
        await MakeAsync();
        var other = await MakeAsync("other");
        var wrapped = (await Ring(TestKeys.On("a")).ListAsync(TenantId.Default, Cancel)).Single().Wrapped;
        Assert.True(await HoldsAsync(wrapped));
        await Ring(TestKeys.On("a")).DestroyAsync(TenantId.Default, Cancel);

        // As long as somebody's snapshot still shows the key, as that of an ANALYZE by the server, it is put off.
        while (!await Store.Upkeep.PurgeAsync(Cancel))
        {
        }

        // No part of it either.
        for (var i = 0; i + 12 <= wrapped.Length; i += 12)
        {
            Assert.False(await HoldsAsync(wrapped[i..(i + 12)]), $"Bytes from {i} on are there.");
        }

        await AssertReadsAsync(other);
    }

    [Fact]
    public async Task Read_WithADamagedMessage_TellsEventsWithoutItAndStatesAllTheSame()
    {
        var session = await MakeAsync();
        await using (var connection = await ConnectAsync())
        {
            await ExecuteAsync(connection, """
                UPDATE checkpoints SET message = (SELECT o.message FROM checkpoints o
                    WHERE o.session_key = checkpoints.session_key AND o.sequence = 1) WHERE sequence = 2
                """);
            await ExecuteAsync(connection, "UPDATE annotations SET text = (SELECT message FROM checkpoints WHERE sequence = 1)");
        }

        var log = (await Store.Log.ReadAsync(session.Address, 0, 9, long.MaxValue, Cancel))!.Entries;
        Assert.Equal([true, false, true], log.OfType<CreatedEntry>().Select(entry => entry.Text is not null));
        Assert.Null(Assert.Single(log.OfType<AnnotatedEntry>()).Text);
        var states = (await Store.Reads.ReadStatesAsync(session.Address, [1, 2, 3], Cancel)).Value;
        Assert.Equal([.. Enumerable.Range(1, 3).Select(i => StateOf(i))], states.Select(one => CheckpointReader.ToState(session.Address, one).ToArray()));
    }

    private CommitEncoder Encoder => new(Store.Reads, _known, new HistoryInstruments(null), NullLogger<CommitEncoder>.Instance);

    /// <summary>A store that reads keys whenever it needs them.</summary>
    private static SealSettings AtOnce(params string[] names) =>
        TestKeys.On(names) with { Options = new EncryptionOptions { Mode = EncryptionMode.On, CheckInterval = TimeSpan.Zero } };

    /// <summary>Saves checkpoints as a session does that is being written: each as the difference from its parent, if that is known.</summary>
    /// <returns>The rows as they are stored, but for the seals.</returns>
    private async Task<IReadOnlyList<StoredCheckpoint>> SaveAsync(KnownStates.Owner owner, SessionScript session, params StoredCheckpoint[] rows)
    {
        var encoded = await Encoder.EncodeAsync(owner, await session.NextAsync(rows));
        await session.CommitAsync(encoded.Commit);
        Encoder.End(owner, encoded, CommitStatus.Committed);
        return encoded.Commit.Creates;
    }

    private async Task<bool> HoldsAsync(byte[] bytes) => (await FilesAsync()).Any(file => file.AsSpan().IndexOf(bytes) >= 0);
}
