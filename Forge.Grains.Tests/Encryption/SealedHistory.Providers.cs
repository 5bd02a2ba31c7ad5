using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.Encryption;

/// <summary>What a store does whose keys cannot be read or unwrapped as it would.</summary>
public abstract partial class SealedHistory
{
    [Fact]
    public async Task Commit_WhileTheProviderTimesOutForATenant_FailsThatAloneAndAsksOnce()
    {
        var keys = new ScriptedKeys(TestKeys.On("a").Provider!)
        {
            OnCall = (tenant, _) =>
            {
                if (tenant == "slow")
                {
                    throw new TaskCanceledException("It took too long.");
                }
            },
        };
        await ReopenAsync(TestKeys.On("a") with { Provider = new GuardedKeys(keys, TimeProvider.System) });
        var taken = await Session("s").NextAsync(Row(1));
        var (one, two) = (await Session("one", "slow").NextAsync(Row(1)), await Session("two", "slow").NextAsync(Row(1)));
        await Store.Commits.PrepareAsync(taken, Cancel);
        var calls = keys.Calls;

        var batch = SessionScript.Batch(one, two, taken);
        var outcomes = await Store.Commits.CommitAsync(batch, Cancel);

        var places = batch.Commits.ToList();
        Assert.Equal(CommitStatus.Committed, outcomes[places.IndexOf(taken)].Status);
        foreach (var failed in new[] { one, two })
        {
            Assert.Equal(CommitStatus.Unavailable, outcomes[places.IndexOf(failed)].Status);
            Assert.IsType<UnavailableException>(outcomes[places.IndexOf(failed)].Cause);
        }

        // What was prepared asks for nothing, and what has failed is not tried again for the next of its tenant.
        Assert.Equal(calls + 1, keys.Calls);
        await Assert.ThrowsAsync<UnavailableException>(async () => await Store.Commits.PrepareAsync(one, Cancel));
    }

    [Fact]
    public async Task Read_WhileAnOldKeyCannotBeUnwrapped_FailsForWhatItSealedAlone()
    {
        var session = await MakeAsync();
        var old = (await Ring(TestKeys.On("a")).ListAsync(TenantId.Default, Cancel)).Single().Wrapped;
        await Ring(TestKeys.On("a")).RotateAsync(TenantId.Default, Cancel);
        var keys = new ScriptedKeys(TestKeys.On("a").Provider!)
        {
            OnCall = (_, wrapped) =>
            {
                if (wrapped is not null && wrapped.Bytes.Span.SequenceEqual(old))
                {
                    throw new IOException("away");
                }
            },
        };
        await ReopenAsync(TestKeys.On("a") with { Provider = keys });

        await Session("later").CreateAsync(Row(1));

        Assert.Equal(StateOf(1), (await StateAsync(HistoryRows.Address("later"), 1)).ToArray());
        var error = await Assert.ThrowsAsync<UnavailableException>(() => StateAsync(session.Address, 1));
        Assert.IsType<IOException>(error.InnerException);
    }

    [Fact]
    public async Task Count_DestroyedKeysByAReadThatIsLate_TakesNothingBack()
    {
        var address = HistoryRows.Address("s");
        await TestKeys.On("a").For(Store.DataKeys, TimeProvider.System).ToSealAsync(address, Cancel);
        var (stored, released) = (new LateKeys(Store.DataKeys), new TaskCompletionSource());
        stored.Late = released.Task;
        var seals = TestKeys.On("a").For(stored, TimeProvider.System);
        var late = seals.CountDestroyedAsync(TenantId.Default, Cancel).AsTask();
        await stored.IsRead;
        await Ring(TestKeys.On("a")).DestroyAsync(TenantId.Default, Cancel);
        Assert.Equal(1, await seals.HoldingAsync(look => Task.FromResult(seals.Held(address, look).Destroyed), Cancel));

        released.SetResult();

        Assert.Equal(0, await late);
        Assert.Equal(1, await seals.CountDestroyedAsync(TenantId.Default, Cancel));
    }

    [Fact]
    public async Task Hold_KeyThatAnotherSiloMakesBehindTheRead_IsNoDamageAndANumberThatNobodyMadeIs()
    {
        var address = HistoryRows.Address("s");
        var (seals, elsewhere) = (TestKeys.On("a").For(Store.DataKeys, TimeProvider.System), TestKeys.On("a").For(Store.DataKeys, TimeProvider.System));
        await elsewhere.ToSealAsync(address, Cancel);
        var row = (await elsewhere.ToSealAsync(address, Cancel)).Seal(Row(1));
        var isMade = false;

        var opened = await seals.HoldingAsync(
            async look =>
            {
                var seal = seals.Held(address, look);
                if (!isMade)
                {
                    isMade = true;
                    await elsewhere.AddKeyAsync(TenantId.Default, Cancel);
                    row = (await elsewhere.ToSealAsync(address, Cancel)).Seal(Row(1));
                }

                return seal.Open(row);
            },
            Cancel);

        Assert.Equal(Row(1).Message, opened.Message);
        var forged = Convert.FromBase64String(row.Message);
        forged[4] = 77;
        var nobodys = row with { Message = Convert.ToBase64String(forged) };
        await Assert.ThrowsAsync<StateCorruptedException>(
            () => seals.HoldingAsync(look => Task.FromResult(seals.Held(address, look).Open(nobodys)), Cancel));
    }

    /// <summary>Keys whose first read is answered late.</summary>
    private sealed class LateKeys(IDataKeys inner) : IDataKeys
    {
        private readonly TaskCompletionSource _isRead = new();

        /// <summary>What the answer waits for; null for nothing.</summary>
        public Task? Late { get; set; }

        /// <summary>Ends when that read has seen what it sees.</summary>
        public Task IsRead => _isRead.Task;

        public async Task<IReadOnlyList<StoredDataKey>> OfTenantAsync(string tenant, CancellationToken cancellationToken)
        {
            var (late, keys) = (Late, await inner.OfTenantAsync(tenant, cancellationToken));
            Late = null;
            if (late is not null)
            {
                _isRead.SetResult();
                await late;
            }

            return keys;
        }

        public Task<IReadOnlyList<StoredDataKey>> ListAsync(StoredDataKey? after, int limit, CancellationToken cancellationToken) =>
            inner.ListAsync(after, limit, cancellationToken);

        public Task<bool> AddAsync(StoredDataKey key, CancellationToken cancellationToken) => inner.AddAsync(key, cancellationToken);

        public Task<bool> RewrapAsync(StoredDataKey key, CancellationToken cancellationToken) => inner.RewrapAsync(key, cancellationToken);

        public Task<int> DestroyAsync(string tenant, DateTimeOffset at, CancellationToken cancellationToken) =>
            inner.DestroyAsync(tenant, at, cancellationToken);
    }
}
