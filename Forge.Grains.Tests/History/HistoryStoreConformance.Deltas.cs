using Forge.Checkpoints;
using Forge.Grains.Tests.History.Deltas;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Deltas_AnyChangesAndSweeps_RestoreExactlyAndKeepNothingElse(int seed)
    {
        var model = new HistoryModel(Store, HistoryRows.Address("s"), seed, mostBytes: 12_000);

        await model.RunAsync(60);
    }

    [Fact]
    public async Task ReadCheckpoint_RowOfAGroup_BringsItsPathAndNothingElse()
    {
        var session = Session("s");
        var rows = Branches();
        await session.CreateAsync(rows);

        var read = await ReadAsync(session.Address, 6, CheckpointParts.State);
        var full = await ReadAsync(session.Address, 1, CheckpointParts.State);
        var summary = await ReadAsync(session.Address, 6, CheckpointParts.Summary);

        Assert.Equal([1, 2, 4], read!.Bases.Select(b => b.Sequence));
        Assert.Equal(1, read.Row.Group);
        Assert.All(read.Bases, b =>
        {
            var row = rows[b.Sequence - 1];
            Assert.Equal((row.Id, row.Codec, row.Base, row.Group, row.Size), (b.Id, b.Codec, b.Base, b.Group, b.Size));
            Assert.Equal(row.Checksum, b.Checksum);
            Assert.True(row.Stored.Span.SequenceEqual(b.Stored.Span));
        });
        Assert.Empty(full!.Bases);
        Assert.Empty(summary!.Bases);
    }

    [Fact]
    public async Task DoWork_ReclaimOfABase_HidesItUntilNothingStandsOnIt()
    {
        var session = Session("s");
        var rows = Branches();
        rows[1] = rows[1] with { Tags = ["t"] };
        await session.CreateAsync(rows);
        await session.CommitAsync(c => c with
        {
            Changes = [new Annotated(new NewAnnotation(2, 99, HistoryRows.Start, AnnotationSeverity.Info, "x"))],
        });
        var due = new Due(DueWorkKind.Reclaim, HistoryRows.Start);
        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(1, 4)), due] });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start.AddYears(1));

        // 3 stood on a path that nobody is on; 1, 2 and 4 are below 5 and 6.
        Assert.Equal([5, 6], await SequencesAsync(session.Address));
        Assert.Empty(await SequencesAsync(session.Address, new ListFilter { Tag = "t", Limit = 9 }));
        Assert.Equal([1, 2, 4, 5, 6], await StoredAsync(session, rows));
        Assert.Null(await ReadAsync(session.Address, 2));
        Assert.Null(await ReadAsync(session.Address, rows[3].Id));
        Assert.Equal(2, (await Store.Reads.SurveyAsync(session.Address, new() { KeepRecent = 9 }, HistoryRows.Start, Cancel)).Value.Visible.Count);
        Assert.Equal(States[5], StateDecoder.DecodeSaved((await ReadAsync(session.Address, 6))!.State).ToArray());

        await session.CommitAsync(c => c with { Head = c.Head with { Head = 5, Current = 5 }, Changes = [new Removed(6), due] });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start.AddYears(1));
        Assert.Equal([1, 2, 5], await StoredAsync(session, rows));

        await session.CommitAsync(c => c with { Head = c.Head with { Head = 0, Current = 0 }, Changes = [new Removed(5), due] });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 1, HistoryRows.Start.AddYears(1));
        Assert.Empty(await StoredAsync(session, rows));
        await AssertNothingDueAsync();
    }

    [Fact]
    public async Task DoWork_FewSurvivorsOfADeadGroup_BecomeFullCopies()
    {
        var session = Session("s");
        var script = new StateScript(new Random(1));
        var states = new List<byte[]> { script.Text(4000) };
        while (states.Count < 40)
        {
            states.Add([.. states[^1], .. script.Text(200)]);
        }

        var rows = Encode(states);
        await session.CreateAsync(rows);
        await session.CreateAsync(HistoryRows.Checkpoint(41));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new RangeRemoved(new SequenceRange(1, 37)),
                new RangeRemoved(new SequenceRange(39, 40)),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 100, HistoryRows.Start.AddYears(1));

        var survivor = (await ReadAsync(session.Address, 38))!;
        Assert.Equal((null, 1, StateCodec.Compressed), (survivor.Row.Base, survivor.Row.Group, survivor.Row.Codec));
        Assert.Equal(survivor.Row.Stored.Length, survivor.Row.StoredSize);
        Assert.Equal(states[37], StateDecoder.DecodeSaved(survivor.State).ToArray());
        Assert.Equal([38], await StoredAsync(session, rows));

        // What stands on it from now on is found by the label that it kept.
        var late = StateEncoder.Encode(
            HistoryRows.Checkpoint(42).WithState([.. states[37], 1]), ChainEnd.Of(survivor.State), states[37], out _);
        await session.CreateAsync(late);
        Assert.Equal([.. states[37], 1], StateDecoder.DecodeSaved((await ReadAsync(session.Address, 42))!.State).ToArray());
    }

    [Fact]
    public async Task DoWork_SurvivorThatIsDamaged_StaysAsItIs()
    {
        var session = Session("s");
        var script = new StateScript(new Random(1));
        var states = new List<byte[]> { script.Text(4000) };
        while (states.Count < 40)
        {
            states.Add([.. states[^1], .. script.Text(200)]);
        }

        var rows = Encode(states);
        var damaged = rows[20].Stored.ToArray();
        damaged[^1] ^= 1;
        rows[20] = rows[20] with { Stored = damaged };
        await session.CreateAsync(rows);
        await session.CreateAsync(HistoryRows.Checkpoint(41));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new RangeRemoved(new SequenceRange(1, 37)),
                new RangeRemoved(new SequenceRange(39, 40)),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 100, HistoryRows.Start.AddYears(1));

        var survivor = (await ReadAsync(session.Address, 38))!;
        Assert.Equal(37, survivor.Row.Base);
        Assert.Equal(21, Assert.Throws<UndecodableStateException>(() => StateDecoder.DecodeSaved(survivor.State)).Sequence);
    }

    [Fact]
    public async Task Commit_Mended_WritesTheRowOfTheSameStateAnewAndNoOther()
    {
        var (session, other) = (Session("s"), Session("other"));
        var rows = Branches();
        await session.CreateAsync(rows);
        await other.CreateAsync([.. rows.Select(row => row with { Id = new CheckpointId(Guid.NewGuid()) })]);
        var copy = StateEncoder.EncodeFull(new EncodedState(rows[1]) with { Stored = States[1], Base = null });
        var wrong = StateEncoder.EncodeFull(new EncodedState(rows[2]) with { Stored = States[3], Checksum = rows[3].Checksum, Base = null });

        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Mended(copy),
                new Mended(wrong),
                new Mended(StateEncoder.EncodeFull(new EncodedState(rows[4]) with { Stored = States[4], Size = 1, Base = null })),
                new Mended(copy with { Sequence = 99 }),
            ],
        });

        var mended = (await ReadAsync(session.Address, 2))!;
        HistoryRows.AssertSame(
            rows[1] with { Codec = copy.Codec, Base = null, Group = 1, Stored = copy.Stored, StoredSize = copy.Stored.Length },
            mended, CheckpointParts.All);
        Assert.Equal(States[1], StateDecoder.DecodeSaved(mended.State).ToArray());
        Assert.Equal(States[5], StateDecoder.DecodeSaved((await ReadAsync(session.Address, 6))!.State).ToArray());
        HistoryRows.AssertSame(rows[2], await ReadAsync(session.Address, 3), CheckpointParts.All);
        HistoryRows.AssertSame(rows[4], await ReadAsync(session.Address, 5), CheckpointParts.All);
        Assert.Equal(1, (await ReadAsync(other.Address, 2))!.Row.Base);
        Assert.Equal(session.Head!.Version, (await HeadAsync(session.Address))!.Version);
    }

    [Fact]
    public async Task Commit_MendedUnderAnOldVersion_WritesNothing()
    {
        var session = Session("s");
        var rows = Branches();
        await session.CreateAsync(rows);
        var stale = (await session.NextAsync()).Having(
            new Mended(StateEncoder.EncodeFull(new EncodedState(rows[1]) with { Stored = States[1], Base = null })));
        await session.CommitAsync(c => c);

        Assert.Equal(CommitStatus.Conflict, await TryCommitAsync(stale));

        HistoryRows.AssertSame(rows[1], await ReadAsync(session.Address, 2), CheckpointParts.All);
    }

    private static readonly byte[][] States = MakeStates();

    private static byte[][] MakeStates()
    {
        var script = new StateScript(new Random(7));
        var first = script.Text(3000);
        return [.. Enumerable.Range(0, 6).Select(i => (byte[])[.. first, .. script.Text(100 * i)])];
    }

    /// <summary>Six rows of one group: 3, 4 and 5 stand on 2, which stands on 1; and 6 on 4.</summary>
    private static StoredCheckpoint[] Branches()
    {
        long[] parents = [0, 1, 2, 2, 2, 4];
        var ends = new ChainEnd[6];
        return [.. parents.Select((parent, i) => StateEncoder.Encode(
            HistoryRows.Checkpoint(i + 1).WithState(States[i]) with { Parent = parent },
            parent == 0 ? null : ends[parent - 1], parent == 0 ? default : States[parent - 1], out ends[i]))];
    }

    private static StoredCheckpoint[] Encode(List<byte[]> states)
    {
        var end = (ChainEnd?)null;
        return [.. states.Select((state, i) =>
        {
            var row = StateEncoder.Encode(
                HistoryRows.Checkpoint(i + 1).WithState(state), end, i == 0 ? default : states[i - 1], out var next);
            end = next;
            return row;
        })];
    }

    /// <summary>The rows that are stored, hidden or not.</summary>
    private Task<IEnumerable<long>> StoredAsync(SessionScript session, IEnumerable<StoredCheckpoint> rows) =>
        Store.Reads.ReadStoredAsync(session.Address, rows.Select(r => r.Id), Cancel);
}
