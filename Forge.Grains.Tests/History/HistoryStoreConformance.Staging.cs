using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    private static readonly DateTimeOffset Abandoned = HistoryRows.Start.AddHours(1);

    [Fact]
    public async Task Stage_NewSession_ShowsNothingUntilTakenOverThenAll()
    {
        var session = Session("s");
        var rows = StagedRows();
        var commit = await session.NextAsync(rows);
        var key = commit.Head.Key;
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await StageAsync(key, rows[..2]);
        await StageAsync(key, rows[2..]);
        Assert.Null(await HeadAsync(session.Address));
        Assert.Empty(await ListAsync(session.Address));

        await session.CommitAsync(commit with { Changes = [new TookOver(key, 0)] });

        HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
        await AssertStoredAsync(session, rows);
        await AssertNothingDueAsync();
    }

    [Fact]
    public async Task Stage_SessionThatExists_ShowsNothingUntilTakenOverThenAll()
    {
        var (session, other) = (Session("s"), Session("other"));
        var first = HistoryRows.Checkpoint(1, "t");
        await session.CreateAsync(first);
        await other.CreateAsync(HistoryRows.Checkpoint(1));
        var rows = StagedRows();
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await StageAsync(key, rows);
        Assert.Equal([1], await SequencesAsync(session.Address));
        Assert.Null(await ReadAsync(session.Address, rows[0].Id));

        var commit = await session.NextAsync(rows);
        await session.CommitAsync(commit with { Changes = [new TookOver(key, 0)] });

        await AssertStoredAsync(session, [first, .. rows]);
        Assert.Equal([1], await SequencesAsync(other.Address));
        await AssertNothingDueAsync();
    }

    [Fact]
    public async Task Stage_TakenOver_IsNotTouchedByALateDiscard()
    {
        var session = Session("s");
        var rows = StagedRows();
        var commit = await session.NextAsync(rows);
        await Store.Staging.BeginAsync(commit.Head.Key, Abandoned, Cancel);
        await StageAsync(commit.Head.Key, rows);
        await session.CommitAsync(commit with { Changes = [new TookOver(commit.Head.Key, 0)] });

        await Store.Staging.DiscardAsync(commit.Head.Key, Cancel);

        await AssertNothingDueAsync();
        await AssertStoredAsync(session, rows);
    }

    [Fact]
    public async Task Stage_NothingStaged_CanBeTakenOver()
    {
        var session = Session("s");
        var commit = await session.NextAsync();
        await Store.Staging.BeginAsync(commit.Head.Key, Abandoned, Cancel);

        await session.CommitAsync(commit with { Changes = [new TookOver(commit.Head.Key, 0)] });

        Assert.Empty(await ListAsync(session.Address));
        await AssertNothingDueAsync();
    }

    [Fact]
    public async Task Stage_TakeOverInConflict_LeavesTheStagingAsItIs()
    {
        var (session, other) = (Session("s"), Session("s"));
        var rows = StagedRows();
        var commit = await session.NextAsync(rows);
        await Store.Staging.BeginAsync(commit.Head.Key, Abandoned, Cancel);
        await StageAsync(commit.Head.Key, rows);
        await other.CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equal(CommitStatus.Conflict, await TryCommitAsync(commit with { Changes = [new TookOver(commit.Head.Key, 0)] }));

        Assert.Equal([1], await SequencesAsync(session.Address));
        Assert.Equal((DueWorkKind.Staging, commit.Head.Key), await KindAndKeyAsync(Abandoned));
    }

    [Fact]
    public async Task Stage_TakeOverOfAnIdThatIsThere_IsDuplicateAndMovesNothing()
    {
        var session = Session("s");
        var first = HistoryRows.Checkpoint(1);
        await session.CreateAsync(first);
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await StageAsync(key, [HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(3) with { Id = first.Id }]);

        var error = await RejectedAsync((await session.NextAsync()).Having(new TookOver(key, 0)));

        Assert.Equal(CommitStatus.Duplicate, error.Status);
        Assert.Equal([1], await SequencesAsync(session.Address));
        HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stage_SequenceOrIdThatIsThere_IsRejectedAndWritesNothing(bool sameId)
    {
        var session = Session("s");
        var first = HistoryRows.Checkpoint(1);
        var commit = await session.NextAsync(first);
        var key = commit.Head.Key;
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await StageAsync(key, [first]);
        var again = sameId ? HistoryRows.Checkpoint(3) with { Id = first.Id } : HistoryRows.Checkpoint(1);

        var error = await Assert.ThrowsAsync<BatchRejectedException>(
            () => StageAsync(key, [HistoryRows.Checkpoint(2, "t"), again]));

        Assert.Equal(CommitStatus.Duplicate, error.Status);
        await session.CommitAsync(commit with { Changes = [new TookOver(key, 0)] });
        await AssertStoredAsync(session, [first]);
        Assert.Empty(await SequencesAsync(session.Address, new ListFilter { Tag = "t", Limit = 9 }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stage_AbandonedOrDiscarded_IsRemovedInSteps(bool discarded)
    {
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        var rows = StagedRows();
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await StageAsync(key, rows);
        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("o", Abandoned.AddMicroseconds(-1), TimeSpan.FromMinutes(1), Cancel));
        if (discarded)
        {
            await Store.Staging.DiscardAsync(key, Cancel);
        }

        var work = await ClaimAsync(discarded ? HistoryRows.Start : Abandoned);

        Assert.Equal((DueWorkKind.Staging, key), (work.Kind, work.SessionKey));
        Assert.InRange(await FinishAsync(work, 2, HistoryRows.Start), 3, 6);
        await AssertNothingDueAsync();
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await StageAsync(key, rows);
    }

    [Fact]
    public async Task Stage_TakeOverOnceRemovalBegan_IsRefusedAndWritesNothing()
    {
        var session = Session("s");
        var rows = StagedRows();
        var commit = await session.NextAsync(rows) with { Changes = [] };
        commit = commit with { Changes = [new TookOver(commit.Head.Key, 0)] };
        await Store.Staging.BeginAsync(commit.Head.Key, Abandoned, Cancel);
        await StageAsync(commit.Head.Key, rows);
        var work = await ClaimAsync(Abandoned);
        await Store.Upkeep.DoWorkAsync(work, 2, HistoryRows.Start, Cancel);

        Assert.Equal(CommitStatus.Refused, (await RejectedAsync(commit)).Status);
        Assert.Null(await HeadAsync(session.Address));

        await FinishAsync(work, 2, HistoryRows.Start);
        Assert.Equal(CommitStatus.Refused, (await RejectedAsync(commit)).Status);
        Assert.Null(await HeadAsync(session.Address));
    }

    [Fact]
    public async Task Stage_OnceRemovalBegan_IsRefused()
    {
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        var rows = HistoryRows.Checkpoints(1, 3);
        await RefusedAsync(key, rows[0]);
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await StageAsync(key, rows[..1]);
        var work = await ClaimAsync(Abandoned);

        await RefusedAsync(key, rows[1]);
        await FinishAsync(work, 10, HistoryRows.Start);
        await RefusedAsync(key, rows[2]);

        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await StageAsync(key, rows);
    }

    private async Task RefusedAsync(long key, StoredCheckpoint row)
    {
        var error = await Assert.ThrowsAsync<BatchRejectedException>(() => StageAsync(key, [row]));
        Assert.Equal(CommitStatus.Refused, error.Status);
    }

    private static StoredCheckpoint[] StagedRows() =>
    [
        HistoryRows.Checkpoint(2, "t"),
        HistoryRows.FullCheckpoint(3),
        HistoryRows.Checkpoint(4, "t", "u"),
        HistoryRows.Checkpoint(6),
        HistoryRows.Checkpoint(7),
    ];

    private static Annotation[] NotesOf(StoredCheckpoint row) => row.Sequence switch
    {
        3 =>
        [
            new(7, HistoryRows.Start, AnnotationSeverity.Warning, "é"),
            new(9, HistoryRows.Start.AddMicroseconds(1), AnnotationSeverity.Info, "later"),
        ],
        7 => [new(11, HistoryRows.Start, AnnotationSeverity.Critical, "x")],
        _ => [],
    };

    private Task StageAsync(long key, IEnumerable<StoredCheckpoint> rows) =>
        Store.Staging.StageAsync(key, [.. rows.Select(row => new AnnotatedCheckpoint(row, NotesOf(row)))], Cancel);

    private async Task AssertStoredAsync(SessionScript session, StoredCheckpoint[] rows)
    {
        HistoryRows.AssertSame(rows, await ListAsync(session.Address), CheckpointParts.Summary);
        foreach (var row in rows)
        {
            HistoryRows.AssertSame(row, await ReadAsync(session.Address, row.Id), CheckpointParts.All, NotesOf(row));
        }

        foreach (var tag in rows.SelectMany(r => r.Tags).Distinct())
        {
            Assert.Equal(
                rows.Where(r => r.Tags.Contains(tag)).Select(r => r.Sequence).Reverse(),
                await SequencesAsync(session.Address, new ListFilter { Tag = tag, Limit = 99 }));
        }
    }

    private async Task AssertNothingDueAsync() =>
        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start.AddYears(9), TimeSpan.FromMinutes(1), Cancel));
}
