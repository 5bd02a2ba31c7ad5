using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_WithRequirers_TellsTheVisibleOnes(bool byId)
    {
        var session = Session("s");
        StoredCheckpoint[] rows = [HistoryRows.Checkpoint(1), .. Enumerable.Range(2, 14).Select(i => Requiring(i, 1))];
        await session.CreateAsync(rows);
        await Session("other").CreateAsync(HistoryRows.Checkpoint(1), Requiring(2, 1));
        CheckpointReference first = byId ? rows[0].Id : 1;

        var read = (await ReadAsync(session.Address, first, CheckpointParts.Requirers))!;
        Assert.Equal(14, read.Requirers.Count);
        Assert.Equal(Enumerable.Range(2, 10).Select(i => (long)i), read.Requirers.First);
        HistoryRows.AssertSame(rows[0], read.Row, CheckpointParts.Summary);
        Assert.Equal(14, (await ReadAsync(session.Address, first, CheckpointParts.Requirers | CheckpointParts.All))!.Requirers.Count);
        Assert.Equal(0, (await ReadAsync(session.Address, first))!.Requirers.Count);
        Assert.Equal(0, (await ReadAsync(session.Address, 2, CheckpointParts.Requirers))!.Requirers.Count);
        Assert.Null(await ReadAsync(session.Address, 99, CheckpointParts.Requirers));

        await session.CommitAsync(c => c with { Changes = [new Removed(3), new RangeRemoved(new SequenceRange(5, 14))] });

        read = (await ReadAsync(session.Address, first, CheckpointParts.Requirers))!;
        Assert.Equal((3, "2,4,15"), (read.Requirers.Count, string.Join(',', read.Requirers.First)));
        Assert.Equal("1", (await ReadAsync(session.Address, 15))!.Row.Requires);
    }

    [Fact]
    public async Task Requirements_GoWithTheRowThatRequires()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1), Requiring(2, 1), Requiring(3, 1, 2), HistoryRows.Checkpoint(4));
        Assert.Equal([(1, 2), (1, 3), (2, 3)], await RequirementsAsync(session));
        await session.CommitAsync(c => c with { Changes = [new Removed(3), new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
        Assert.Equal([(1, 2), (1, 3), (2, 3)], await RequirementsAsync(session));

        await FinishAsync(await ClaimAsync(HistoryRows.Start), 10, HistoryRows.Start);

        Assert.Equal([(1, 2)], await RequirementsAsync(session));
        await session.CommitAsync(c => c with
        {
            Head = c.Head.Ended(HistoryRows.Start),
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });
        await FinishAsync((await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, session.Key, Cancel))!, 5, HistoryRows.Start);
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = null } });
        Assert.Empty(await RequirementsAsync(session));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TakeOver_OfWhatRequires_TakesItsIndexAlong(bool isNew)
    {
        var session = Session("s");
        if (!isNew)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(1));
        }

        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, HistoryRows.Start.AddYears(1), Cancel);
        await Store.Staging.StageAsync(key, [HistoryRows.Checkpoint(2), Requiring(3, 2), HistoryRows.Checkpoint(4)], Cancel);
        Assert.Null((await Store.Staging.FindUnmetAsync(key, session.Address, Cancel)).Value);
        await Store.Staging.StageAsync(key, [Requiring(5, 1, 3)], Cancel);
        var unmet = await Store.Staging.FindUnmetAsync(key, session.Address, Cancel);
        Assert.Equal((isNew ? 0 : 1, isNew ? new Requirement(1, 5) : (Requirement?)null), (unmet.Version, unmet.Value));

        await session.CommitAsync(c => c with
        {
            Head = c.Head with { Key = isNew ? key : c.Head.Key, LastSequence = 5, Head = 5, Current = 5 },
            Changes = [new TookOver(key, isNew ? 0 : 1, Require: true)],
        });

        Assert.Equal([(1, 5), (2, 3), (3, 5)], await RequirementsAsync(session));
        Assert.Equal([5], (await ReadAsync(session.Address, 3, CheckpointParts.Requirers))!.Requirers.First);
        await using var snapshot = await Store.Reads.OpenSnapshotAsync(session.Address, Cancel);
        Assert.True(snapshot!.Require);
    }

    [Fact]
    public async Task Discard_OfStagedRowsThatRequire_LeavesNothing()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await Store.Staging.BeginAsync(4000, HistoryRows.Start.AddYears(1), Cancel);
        await Store.Staging.StageAsync(4000, [HistoryRows.Checkpoint(2), Requiring(3, 2)], Cancel);
        await Store.Staging.DiscardAsync(4000, Cancel);

        await FinishAsync(await ClaimAsync(HistoryRows.Start), 1, HistoryRows.Start);

        await Store.Staging.BeginAsync(4000, HistoryRows.Start.AddYears(1), Cancel);
        await Store.Staging.StageAsync(4000, [HistoryRows.Checkpoint(2), Requiring(3, 2)], Cancel);
        Assert.Null((await Store.Staging.FindUnmetAsync(4000, session.Address, Cancel)).Value);
    }

    [Fact]
    public async Task Unmet_OfWhatIsHiddenInTheSession_IsTold()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2));
        await session.CommitAsync(c => c with { Changes = [new Removed(1)] });
        await Store.Staging.BeginAsync(4000, HistoryRows.Start.AddYears(1), Cancel);
        await Store.Staging.StageAsync(4000, [Requiring(3, 2), Requiring(4, 1, 3)], Cancel);

        var unmet = await Store.Staging.FindUnmetAsync(4000, session.Address, Cancel);

        Assert.Equal((2, (Requirement?)new Requirement(1, 4)), (unmet.Version, unmet.Value));
    }

    [Fact]
    public async Task Snapshot_OfASession_TellsIfSomeOfItRequireOthers()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        Assert.False(await RequireAsync());
        await session.CreateAsync(Requiring(2, 1));
        Assert.True(await RequireAsync());
        await session.CommitAsync(c => c with { Changes = [new Removed(2)] });
        Assert.False(await RequireAsync());

        async Task<bool> RequireAsync()
        {
            await using var snapshot = await Store.Reads.OpenSnapshotAsync(session.Address, Cancel);
            return snapshot!.Require;
        }
    }

    [Fact]
    public async Task Survey_OfWhatIsRequired_KeepsItTransitively()
    {
        var session = Session("s");
        await session.CreateAsync(
            HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2), Requiring(3, 1), HistoryRows.Checkpoint(4), Requiring(5, 2), Requiring(6, 3),
            HistoryRows.Checkpoint(7), HistoryRows.Checkpoint(8));

        var survey = (await Store.Reads.SurveyAsync(session.Address, new() { KeepRecent = 3 }, HistoryRows.Start, Cancel)).Value;

        Assert.Equal([new(2, 2), new(4, 5)], survey.Removals);
        Assert.Equal((2, 5), (survey.Settled.Count, survey.Kept.Count));
        Assert.True(survey.Takes(new HashSet<long> { 5, 8 }));
        Assert.False(survey.Takes(new HashSet<long> { 1, 3 }));
    }

    private static StoredCheckpoint Requiring(long sequence, params long[] requires) =>
        HistoryRows.Checkpoint(sequence) with { Requires = RequiredText.Of(requires) };

    private async Task<IEnumerable<(long, long)>> RequirementsAsync(SessionScript session)
    {
        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);
        var rows = await stored!.RequirementsAsync([1, 2, 3, 4, 5, 6], new SequenceRange(1, 100), Cancel);
        return rows.Select(row => (row.Required, row.Sequence)).Order();
    }
}
