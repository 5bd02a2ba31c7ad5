using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

/// <summary>What every history store must do. Each test gets a started store on an empty database.</summary>
public abstract partial class HistoryStoreConformance : IAsyncLifetime
{
    private IHistoryStore? _store;

    private protected IHistoryStore Store => _store!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The bytes that the store keeps of a state or a value beside its own: those of a seal, if it encrypts.</summary>
    private protected virtual int SealBytes => 0;

    /// <summary>A started store on an empty database; the suite disposes of it.</summary>
    private protected abstract Task<IHistoryStore> CreateStoreAsync();

    public async ValueTask InitializeAsync() => _store = await CreateStoreAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    [Fact]
    public Task Ping_StartedStore_Answers() => Store.PingAsync(Cancel);

    [Fact]
    public async Task NextSessionKey_ManyAtOnce_AreDistinctAndPositive()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            var mine = new List<long>();
            for (var i = 0; i < 300; i++)
            {
                mine.Add(await Store.Commits.NextSessionKeyAsync(Cancel));
            }

            return mine;
        }));

        var all = keys.SelectMany(k => k).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.All(all, key => Assert.True(key > 0));
    }

    private protected SessionScript Session(string session, string tenant = "default") =>
        new(Store, HistoryRows.Address(session, tenant));

    private protected async Task<CommitStatus> TryCommitAsync(SessionCommit commit) =>
        (await Store.Commits.CommitAsync(SessionScript.Batch(commit), Cancel)).Single().Status;

    private protected async Task<BatchRejectedException> RejectedAsync(params SessionCommit[] commits) =>
        await Assert.ThrowsAsync<BatchRejectedException>(() => Store.Commits.CommitAsync(SessionScript.Batch(commits), Cancel));

    private protected async Task<SessionHead?> HeadAsync(SessionAddress address) =>
        (await Store.Reads.ReadHeadAsync(address, Cancel))?.Head;

    private protected async Task<CheckpointRead?> ReadAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts = CheckpointParts.All) =>
        (await Store.Reads.ReadCheckpointAsync(address, checkpoint, parts, Cancel)).Value;

    private protected async Task<IReadOnlyList<StoredCheckpoint>> ListAsync(SessionAddress address, ListFilter? filter = null) =>
        (await Store.Reads.ListAsync(address, filter ?? new ListFilter { Limit = 1000, Order = ListOrder.OldestFirst }, Cancel)).Value;

    private protected async Task<IEnumerable<long>> SequencesAsync(SessionAddress address, ListFilter? filter = null) =>
        (await ListAsync(address, filter)).Select(row => row.Sequence);

    /// <summary>Claims the one piece of work that is due at a time.</summary>
    private protected async Task<DueWork> ClaimAsync(DateTimeOffset now)
    {
        var work = await Store.Upkeep.ClaimDueWorkAsync("sweeper", now, TimeSpan.FromMinutes(1), Cancel);
        Assert.NotNull(work);
        return work;
    }

    /// <summary>Steps through claimed work to its end and says how many steps it took.</summary>
    private protected async Task<int> FinishAsync(DueWork work, int limit, DateTimeOffset rememberSince)
    {
        for (var step = 1; step <= 100; step++)
        {
            if (await Store.Upkeep.DoWorkAsync(work, limit, rememberSince, Cancel))
            {
                return step;
            }
        }

        Assert.Fail("The work does not end.");
        return 0;
    }
}
