using Forge.Checkpoints;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>What comes over the wire for a state is its own path, whatever its siblings are.</summary>
public sealed class PostgreSqlPathTests : PostgreSqlStoreTest
{
    private const int Size = 64 * 1024;
    private const int Siblings = 60;

    /// <summary>A full copy, two differences that are decoded on it, and what stands around them.</summary>
    private const int Path = 3 * Size;

    [Fact]
    public async Task ReadCheckpoint_StateWithManySiblings_ReadsItsPathAlone()
    {
        var (store, session, states, wire) = await MadeAsync();
        using var _ = wire;
        await store.Reads.ReadCheckpointAsync(session.Address, 1, CheckpointParts.State, Cancel);
        wire.Take();

        var read = await store.Reads.ReadCheckpointAsync(session.Address, states.Count, CheckpointParts.State, Cancel);

        Assert.Equal([1], read.Value!.Bases.Select(b => b.Sequence));
        Assert.Equal(states[^1], StateDecoder.DecodeSaved(read.Value.State).ToArray());
        Assert.InRange(wire.Take(), 1, Path);
    }

    [Fact]
    public async Task WithBases_StoredRowWithManySiblings_ReadsItsPathAlone()
    {
        var (store, session, states, wire) = await MadeAsync();
        using var _ = wire;
        await using var stored = await store.Verification.OpenStoredAsync(session.Address, Cancel);
        var row = (await stored!.RowsAsync(states.Count - 1, Cancel)).Single().Row!;
        wire.Take();

        var whole = await stored.WithBasesAsync(row, Cancel);

        Assert.Equal(states[^1], StateDecoder.DecodeSaved(whole).ToArray());
        Assert.InRange(wire.Take(), 1, Path);
    }

    [Fact]
    public async Task ReadSnapshot_ManySiblings_ReadsThePathOfEach()
    {
        var (store, session, states, wire) = await MadeAsync();
        using var _ = wire;
        await using var snapshot = await store.Reads.OpenSnapshotAsync(session.Address, Cancel);
        wire.Take();

        var read = 0;
        await foreach (var (row, _) in snapshot!.ReadAsync(Cancel))
        {
            Assert.Equal(states[read++], row.Stored.ToArray());
        }

        Assert.Equal(states.Count, read);
        Assert.InRange(wire.Take(), 1, Siblings * Path);
    }

    [Fact]
    public async Task DoWork_FewSurvivorsAmongManySiblings_ReadsThePathOfEach()
    {
        var (store, session, states, wire) = await MadeAsync();
        using var _ = wire;
        await session.CreateAsync(HistoryRows.Checkpoint(states.Count + 1));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new RangeRemoved(new SequenceRange(1, 20)),
                new RangeRemoved(new SequenceRange(22, 40)),
                new RangeRemoved(new SequenceRange(42, states.Count)),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        var work = await store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start, TimeSpan.FromMinutes(1), Cancel);
        wire.Take();

        Assert.True(await store.Upkeep.DoWorkAsync(work!, 1000, HistoryRows.Start.AddYears(1), Cancel));

        Assert.InRange(wire.Take(), 1, 2 * Path);
        foreach (var sequence in new[] { 21, 41 })
        {
            var read = await store.Reads.ReadCheckpointAsync(session.Address, sequence, CheckpointParts.State, Cancel);
            Assert.Null(read.Value!.Row.Base);
            Assert.Equal(states[sequence - 1], StateDecoder.DecodeSaved(read.Value.State).ToArray());
        }
    }

    /// <summary>A random state, and siblings that have less than half of it in common with it.</summary>
    private async Task<(IHistoryStore Store, SessionScript Session, List<byte[]> States, WireBytes Wire)> MadeAsync()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = await StartStoreAsync(database);
        var session = Session(store, "s");
        var random = new Random(5);
        var states = new List<byte[]> { Random(Size) };
        var rows = new List<StoredCheckpoint>
        {
            StateEncoder.Encode(HistoryRows.Checkpoint(1).WithState(states[0]), null, default, out var end),
        };
        for (var i = 0; i < Siblings; i++)
        {
            states.Add([.. states[0][..(Size * 2 / 5)], .. Random(Size * 3 / 5)]);
            rows.Add(StateEncoder.Encode(
                HistoryRows.Checkpoint(i + 2).WithState(states[^1]) with { Parent = 1 }, end, states[0], out var _));
            Assert.Equal(1, rows[^1].Base);
        }

        await session.CreateAsync([.. rows]);
        return (store, session, states, new WireBytes(database));

        byte[] Random(int length)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            return bytes;
        }
    }
}
