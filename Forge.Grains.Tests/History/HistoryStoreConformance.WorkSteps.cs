using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    private const int FiveMiB = 5 * 1024 * 1024;

    [Fact]
    public async Task DoWork_StagingUnderTheKeyOfASession_RemovesNothing()
    {
        var session = Session("s");
        await session.CreateAsync([.. HistoryRows.Checkpoints(1, 3).Select(r => r with { Tags = ["t"] })]);
        await Store.Staging.BeginAsync(session.Key, HistoryRows.Start, Cancel);

        Assert.True(await Store.Upkeep.DoWorkAsync(await ClaimAsync(HistoryRows.Start), 10, HistoryRows.Start, Cancel));

        await AssertHasThreeTaggedAsync(session);
    }

    [Fact]
    public async Task DoWork_EraseOfALivingSession_RemovesNothing()
    {
        var session = Session("s");
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        var rows = HistoryRows.Checkpoints(1, 3).Select(r => r with { Tags = ["t"] }).ToArray();
        var commit = await session.NextAsync(rows);
        await session.CommitAsync(commit.Having(new Remembered(request), new Due(DueWorkKind.Erase, HistoryRows.Start)));

        Assert.True(await Store.Upkeep.DoWorkAsync(await ClaimAsync(HistoryRows.Start), 10, HistoryRows.Start, Cancel));

        await AssertHasThreeTaggedAsync(session);
        Assert.Equal(request, await Store.Reads.ReadRequestAsync(session.Address, request.Id, Cancel));
    }

    [Fact]
    public async Task DoWork_ReclaimOfLargeStates_EndsStepsByBytes()
    {
        var session = Session("s");
        await session.CreateAsync(LargeRows());
        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new SequenceRange(1, 6)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });

        Assert.InRange(await FinishAsync(await ClaimAsync(HistoryRows.Start), 100, HistoryRows.Start.AddYears(1)), 3, 4);

        Assert.Equal([7], await SequencesAsync(session.Address));
    }

    [Fact]
    public async Task DoWork_EraseOfLargeStates_EndsStepsByBytes()
    {
        var session = Session("s");
        await session.CreateAsync(LargeRows());
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start },
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });

        Assert.InRange(await FinishAsync(await ClaimAsync(HistoryRows.Start), 100, HistoryRows.Start), 4, 5);
    }

    [Fact]
    public async Task DoWork_StagingOfLargeStates_EndsStepsByBytes()
    {
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await Store.Staging.StageAsync(key, LargeRows(), Cancel);

        Assert.InRange(await FinishAsync(await ClaimAsync(Abandoned), 100, HistoryRows.Start), 4, 5);

        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await Store.Staging.StageAsync(key, LargeRows(), Cancel);
    }

    [Fact]
    public async Task DoWork_StateLargerThanAStep_GoesByItself()
    {
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, Abandoned, Cancel);
        await Store.Staging.StageAsync(key, [.. HistoryRows.Checkpoints(1, 3).Select(r => r with { StoredSize = 4 * FiveMiB })], Cancel);

        Assert.InRange(await FinishAsync(await ClaimAsync(Abandoned), 100, HistoryRows.Start), 3, 4);
    }

    /// <summary>Seven rows of which a step removes two. A step goes by the size that a row names.</summary>
    private static StoredCheckpoint[] LargeRows() =>
        [.. HistoryRows.Checkpoints(1, 7).Select(r => r with { StoredSize = FiveMiB })];

    private async Task AssertHasThreeTaggedAsync(SessionScript session)
    {
        Assert.Equal([1, 2, 3], await SequencesAsync(session.Address));
        Assert.Equal([3, 2, 1], await SequencesAsync(session.Address, new ListFilter { Tag = "t", Limit = 9 }));
    }
}
