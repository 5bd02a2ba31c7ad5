using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task OpenSnapshot_WritesGoOn_YieldsWhatWasThere()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(2, 40);
        rows[5] = HistoryRows.FullCheckpoint(7) with { Codec = 0, Base = null, Group = null };
        rows[5] = rows[5] with { Size = rows[5].StoredSize };
        rows[6] = rows[6].WithState(new byte[300_000]);
        await session.CreateAsync([HistoryRows.Checkpoint(1), .. rows]);
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Annotated(new NewAnnotation(3, 99, HistoryRows.Start, AnnotationSeverity.Warning, "kept")),
                new RangeRemoved(new SequenceRange(1, 1)),
            ],
        });
        var head = session.Head!;

        await using var snapshot = await Store.Reads.OpenSnapshotAsync(session.Address, Cancel);
        var commit = await session.NextAsync(HistoryRows.Checkpoint(41));
        await session.CommitAsync(commit.Having(
            new Tagged(4, ["late"]),
            new Annotated(new NewAnnotation(3, 100, HistoryRows.Start, AnnotationSeverity.Info, "late")),
            new Removed(2),
            new Removed(20),
            new RangeRemoved(new SequenceRange(30, 39)),
            new Due(DueWorkKind.Reclaim, HistoryRows.Start)));
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 100, HistoryRows.Start.AddYears(1));
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });

        HistoryRows.AssertSame(head, snapshot!.Head.Head);
        Assert.Equal(rows[^1].Id, snapshot.Head.HeadId);
        Assert.Equal(rows[^1].Id, snapshot.Head.CurrentId);
        var (read, notes) = (new List<StoredCheckpoint>(), new List<Annotation>());
        await foreach (var (row, annotations) in snapshot.ReadAsync(Cancel))
        {
            read.Add(row with { Stored = row.Stored.ToArray() });
            notes.AddRange(annotations);
            Assert.Equal(row.Sequence == 3 ? 1 : 0, annotations.Count);
        }

        HistoryRows.AssertSame(rows, read, CheckpointParts.All);
        Assert.Equal(new Annotation(99, HistoryRows.Start, AnnotationSeverity.Warning, "kept"), Assert.Single(notes));
    }

    [Fact]
    public async Task OpenSnapshot_SessionThatIsNotThere_IsNull() =>
        Assert.Null(await Store.Reads.OpenSnapshotAsync(HistoryRows.Address("none"), Cancel));

    [Fact]
    public async Task OpenSnapshot_EmptySession_YieldsNothing()
    {
        var session = Session("s");
        await session.CommitAsync(c => c);

        await using var snapshot = await Store.Reads.OpenSnapshotAsync(session.Address, Cancel);

        Assert.NotNull(snapshot);
        await foreach (var (row, _) in snapshot.ReadAsync(Cancel))
        {
            Assert.Fail($"There is a row {row.Sequence}.");
        }
    }

    [Fact]
    public async Task OpenSnapshot_SeveralHalfReadAndLeft_DisturbNobody()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 20));
        for (var i = 0; i < 4; i++)
        {
            await using var left = await Store.Reads.OpenSnapshotAsync(session.Address, Cancel);
            await using var other = await Store.Reads.OpenSnapshotAsync(session.Address, Cancel);
            await foreach (var (row, _) in left!.ReadAsync(Cancel))
            {
                if (row.Sequence == 3)
                {
                    break;
                }
            }

            await session.CreateAsync(HistoryRows.Checkpoint(21 + i));
            var count = 0;
            await foreach (var (row, _) in other!.ReadAsync(Cancel))
            {
                Assert.Equal(++count, row.Sequence);
            }

            Assert.Equal(20 + i, count);
        }

        Assert.Equal(24, (await ListAsync(session.Address)).Count);
    }
}
