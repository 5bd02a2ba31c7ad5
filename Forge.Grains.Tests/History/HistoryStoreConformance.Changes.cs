using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task Commit_TagChange_SetsTagsAndKeepsTheFirst()
    {
        var session = Session("s");
        var row = HistoryRows.Checkpoint(1, "b", "a");
        await session.CreateAsync(row, HistoryRows.Checkpoint(2, "a"));
        await session.CommitAsync(c => c with { Changes = [new Tagged(1, ["c", "a"])] });

        HistoryRows.AssertSame(
            row with { Tags = ["c", "a"], FirstTags = ["b", "a"] }, await ReadAsync(session.Address, 1), CheckpointParts.All);
        Assert.Equal([2, 1], await SequencesAsync(session.Address, new ListFilter { Tag = "a", Limit = 9 }));
        Assert.Equal([1], await SequencesAsync(session.Address, new ListFilter { Tag = "c", Limit = 9 }));
        Assert.Empty(await SequencesAsync(session.Address, new ListFilter { Tag = "b", Limit = 9 }));

        await session.CommitAsync(c => c with { Changes = [new Tagged(1, []), new Tagged(2, ["b", "c"])] });

        HistoryRows.AssertSame(
            row with { Tags = [], FirstTags = ["b", "a"] }, await ReadAsync(session.Address, 1), CheckpointParts.All);
        Assert.Empty(await SequencesAsync(session.Address, new ListFilter { Tag = "a", Limit = 9 }));
        Assert.Equal([2], await SequencesAsync(session.Address, new ListFilter { Tag = "c", Limit = 9 }));
    }

    [Fact]
    public async Task Commit_TagChangeOfUntaggedCheckpoint_KeepsThatItHadNone()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with { Changes = [new Tagged(1, ["x"])] });
        await session.CommitAsync(c => c with { Changes = [new Tagged(1, ["y"])] });

        var row = await ReadAsync(session.Address, 1);
        Assert.Equal(["y"], row!.Row.Tags);
        Assert.Equal([], row.Row.FirstTags!);
        Assert.Equal([1], await SequencesAsync(session.Address, new ListFilter { Tag = "y", Limit = 9 }));
    }

    [Fact]
    public async Task Commit_TagChangeInOneSession_LeavesItsNeighbour()
    {
        var (a, b) = (Session("a"), Session("b"));
        await a.CreateAsync(HistoryRows.Checkpoint(1, "x"));
        await b.CreateAsync(HistoryRows.Checkpoint(1, "x"));
        await a.CommitAsync(c => c with { Changes = [new Tagged(1, ["y"])] });

        Assert.Equal(["x"], (await ReadAsync(b.Address, 1))!.Row.Tags);
        Assert.Equal([1], await SequencesAsync(b.Address, new ListFilter { Tag = "x", Limit = 9 }));
    }

    [Fact]
    public async Task Commit_Annotations_AreReadOldestFirstAtTheirOwnCheckpoint()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 3));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Annotated(new NewAnnotation(1, 12, HistoryRows.Start, AnnotationSeverity.Warning, "second")),
                new Annotated(new NewAnnotation(2, 13, HistoryRows.Start, AnnotationSeverity.Info, "other")),
                new Annotated(new NewAnnotation(1, 4, HistoryRows.Start.AddMicroseconds(1), AnnotationSeverity.Critical, "first")),
            ],
        });
        await session.CommitAsync(c => c with
        {
            Changes = [new Annotated(new NewAnnotation(1, 100, HistoryRows.Start, AnnotationSeverity.Info, "third"))],
        });

        Assert.Equal(
            [
                new Annotation(4, HistoryRows.Start.AddMicroseconds(1), AnnotationSeverity.Critical, "first"),
                new Annotation(12, HistoryRows.Start, AnnotationSeverity.Warning, "second"),
                new Annotation(100, HistoryRows.Start, AnnotationSeverity.Info, "third"),
            ],
            (await ReadAsync(session.Address, 1))!.Annotations);
        Assert.Equal("other", Assert.Single((await ReadAsync(session.Address, 2))!.Annotations).Text);
        Assert.Empty((await ReadAsync(session.Address, 3))!.Annotations);
    }

    [Fact]
    public async Task Commit_Deletes_TakeTheRowsOfThatSessionAlone()
    {
        var (session, other) = (Session("s"), Session("other"));
        var rows = HistoryRows.Checkpoints(1, 4).Select(r => r with { Tags = ["t"] }).ToArray();
        await session.CreateAsync(rows);
        await other.CreateAsync(rows);
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { Head = 3, Current = 3 },
            Changes = [new Removed(2), new Removed(4)],
        });

        Assert.Equal([1, 3], await SequencesAsync(session.Address));
        Assert.Equal([3, 1], await SequencesAsync(session.Address, new ListFilter { Tag = "t", Limit = 9 }));
        Assert.Null(await ReadAsync(session.Address, 2));
        Assert.Null(await ReadAsync(session.Address, rows[1].Id));
        Assert.Equal(3, (await ReadAsync(session.Address, default))!.Row.Sequence);
        Assert.Equal([1, 2, 3, 4], await SequencesAsync(other.Address));
    }

    [Fact]
    public async Task Commit_DeletedCheckpoint_LeavesNeitherIdNorTagsNorAnnotations()
    {
        var session = Session("s");
        var row = HistoryRows.Checkpoint(1, "t");
        await session.CreateAsync(row);
        await session.CommitAsync(c => c with
        {
            Changes = [new Annotated(new NewAnnotation(1, 2, HistoryRows.Start, AnnotationSeverity.Info, "x"))],
        });
        await session.CommitAsync(c => c with
        {
            Changes = [new Removed(1), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 10, HistoryRows.Start.AddYears(1));
        await session.CreateAsync(row with { Tags = [] });

        HistoryRows.AssertSame(row with { Tags = [] }, await ReadAsync(session.Address, row.Id), CheckpointParts.All);
        Assert.Empty(await SequencesAsync(session.Address, new ListFilter { Tag = "t", Limit = 9 }));
    }

    [Fact]
    public async Task Commit_TagsOfACheckpointThatItRemoves_StayInTheRowAndNowhereElse()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1, "first"), HistoryRows.Checkpoint(2));

        // The row may be kept for others, and its log says that it was given these tags.
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Tagged(1, ["late"]),
                new Annotated(new NewAnnotation(1, 3, HistoryRows.Start, AnnotationSeverity.Info, "x")),
                new Removed(1),
            ],
        });

        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);
        var row = (await stored!.RowsAsync(0, Cancel))[0].Row!;
        Assert.Equal(["late"], row.Tags);
        Assert.Equal(["first"], row.FirstTags);
        Assert.Empty(await stored.TagsAsync(new SequenceRange(1, 2), Cancel));
        Assert.Empty(await stored.AnnotationsAsync(new SequenceRange(1, 2), Cancel));
    }

    [Fact]
    public async Task Commit_Removals_HideAtOnceAndExactly()
    {
        var (session, other) = (Session("s"), Session("other"));
        var rows = HistoryRows.Checkpoints(1, 9).Select(r => r with { Tags = ["t"] }).ToArray();
        await session.CreateAsync(rows);
        await other.CreateAsync(rows);
        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new(2, 4)), new RangeRemoved(new(7, 7))] });

        Assert.Equal([1, 5, 6, 8, 9], await SequencesAsync(session.Address));
        Assert.Equal([9, 8, 6, 5, 1], await SequencesAsync(session.Address, new ListFilter { Tag = "t", Limit = 9 }));
        Assert.Null(await ReadAsync(session.Address, 3));
        Assert.Null(await ReadAsync(session.Address, rows[6].Id));
        Assert.NotNull(await ReadAsync(session.Address, 8));
        var survey = (await Store.Reads.SurveyAsync(session.Address, new() { KeepRecent = 100 }, HistoryRows.Start, Cancel)).Value;
        Assert.Equal([9, 8, 6, 5, 1], survey.Placed.Select(s => s.Sequence));
        Assert.Equal(9, (await ListAsync(other.Address)).Count);

        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new(2, 4)), new RangeRemoved(new(1, 6))] });
        Assert.Equal([8, 9], await SequencesAsync(session.Address));
    }

    [Fact]
    public async Task Commit_Trunks_MarkWhatIsInTheirRanges()
    {
        var session = Session("s");
        await session.CreateAsync([.. HistoryRows.Checkpoints(1, 6).Select(r => r with { Trunk = r.Sequence == 6 })]);
        var other = Session("other");
        await other.CreateAsync(HistoryRows.Checkpoints(1, 3));
        SessionChange[] marks = [new TrunksMarked(new(1, 2)), new TrunksMarked(new(4, 4))];

        await session.CommitAsync(c => c with { Changes = marks });
        await session.CommitAsync(c => c with { Changes = marks });

        Assert.Equal([1, 2, 4, 6], await TrunksAsync(session.Address));
        Assert.Empty(await TrunksAsync(other.Address));
    }

    [Fact]
    public async Task Commit_EverythingAtOnce_IsOneChange()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 6));
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        var row = HistoryRows.Checkpoint(7, "new");
        var commit = await session.NextAsync(row);
        await session.CommitAsync(commit with
        {
            Changes =
            [
                .. commit.Changes,
                new Tagged(5, ["five"]),
                new Annotated(new NewAnnotation(6, 20, HistoryRows.Start, AnnotationSeverity.Info, "six")),
                new TrunksMarked(new SequenceRange(4, 4)),
                new Removed(3),
                new RangeRemoved(new SequenceRange(1, 2)),
                new Logged(new SessionEvent(21, SessionEventKind.Compacted, HistoryRows.Start, 0, 7, """{"é":1}""")),
                new Remembered(request),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });

        Assert.Equal([4, 5, 6, 7], await SequencesAsync(session.Address));
        Assert.Equal([4], await TrunksAsync(session.Address));
        Assert.Equal(["five"], (await ReadAsync(session.Address, 5))!.Row.Tags);
        Assert.Equal("six", Assert.Single((await ReadAsync(session.Address, 6))!.Annotations).Text);
        HistoryRows.AssertSame(row, await ReadAsync(session.Address, row.Id), CheckpointParts.All);
        Assert.Equal(request, await Store.Reads.ReadRequestAsync(session.Address, request.Id, Cancel));
        Assert.Equal((DueWorkKind.Reclaim, session.Key), await KindAndKeyAsync(HistoryRows.Start));
    }

    /// <summary>The visible checkpoints that are trunks.</summary>
    private async Task<List<long>> TrunksAsync(SessionAddress address)
    {
        await using var snapshot = await Store.Reads.OpenSnapshotAsync(address, Cancel);
        return await snapshot!.ReadAsync(Cancel).Where(c => c.Row.Trunk).Select(c => c.Row.Sequence).ToListAsync(Cancel);
    }

    private async Task<(DueWorkKind, long)> KindAndKeyAsync(DateTimeOffset now)
    {
        var work = await ClaimAsync(now);
        return (work.Kind, work.SessionKey);
    }
}
