using System.Collections.Concurrent;
using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>
/// Hands out what seals and opens the values of sessions, and makes and remembers the data keys of tenants. Safe for concurrent use.
/// </summary>
internal sealed class Seals(IDataKeys stored, IKeyProvider? provider, EncryptionOptions options, TimeProvider time)
{
    /// <summary>How many tenants are remembered; beyond, all are read anew.</summary>
    private const int MostTenants = 10_000;

    private const int MostAttempts = 5;

    /// <summary>How many keys of a tenant are unwrapped at once.</summary>
    private const int MostUnwraps = 8;

    /// <summary>After how long a newest key is asked for again that could not be unwrapped, if the interval is no shorter.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Read> _held = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Tenant, bool Makes), Lazy<Task<TenantKeys>>> _underWay = new();

    /// <summary>True if what is written is sealed.</summary>
    public bool IsOn => options.Mode == EncryptionMode.On;

    /// <summary>What seals the values of a session. Makes the tenant's first data key if it has none.</summary>
    /// <exception cref="KeyMissingException">There is a newest data key, and it cannot be had.</exception>
    /// <exception cref="UnavailableException">The database or the provider of the wrapping key cannot be reached.</exception>
    public async ValueTask<SessionSeal> ToSealAsync(SessionAddress session, CancellationToken cancellationToken)
    {
        var keys = await KeysOfAsync(session.Tenant, cancellationToken);
        if (keys.Newest is null)
        {
            keys = await OnceAsync(session.Tenant, makes: true, cancellationToken);
        }

        _ = keys.Newest is { Row.Number: var number } ? keys.Require(number) : throw new UnavailableException(
            $"The data keys of tenant {session.Tenant} are being destroyed; nothing was changed.");
        return new SessionSeal(session, keys, areOfNow: false);
    }

    /// <summary>How many data keys of a tenant are destroyed; 0 if nothing can be opened.</summary>
    /// <exception cref="UnavailableException">The database cannot be reached.</exception>
    public ValueTask<int> CountDestroyedAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (provider is null)
        {
            return ValueTask.FromResult(0);
        }

        return _held.TryGetValue(tenant.Value, out var held) && !IsOver(held) ? ValueTask.FromResult(held.Keys.Destroyed) : CountAsync();

        async ValueTask<int> CountAsync() => (await KeysOfAsync(tenant, cancellationToken)).Destroyed;
    }

    /// <summary>Opens what was read of a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="open">Opens it, and may be called again with newer keys.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KeyMissingException">A key cannot be had.</exception>
    /// <exception cref="StateCorruptedException">A value is not what was sealed.</exception>
    /// <exception cref="UnavailableException">The database or the provider of the wrapping key cannot be reached.</exception>
    public async ValueTask<T> OpenAsync<T>(SessionAddress session, Func<SessionSeal, T> open, CancellationToken cancellationToken)
    {
        var keys = await KeysOfAsync(session.Tenant, cancellationToken);
        try
        {
            return open(new SessionSeal(session, keys, areOfNow: false));
        }
        catch (KeysNotHeldException)
        {
            return open(new SessionSeal(session, await ReadAsync(session.Tenant, cancellationToken), areOfNow: true));
        }
    }

    /// <summary>A pending write as it was before it was sealed; one without its row, and with a problem, if it is not what was sealed.</summary>
    /// <exception cref="KeyMissingException">The key cannot be had.</exception>
    /// <exception cref="UnavailableException">The database or the provider of the wrapping key cannot be reached.</exception>
    public async ValueTask<StoredWriteRow> OpenAsync(SessionAddress session, StoredWriteRow row, CancellationToken cancellationToken) =>
        row.Row is { } write && SealedMarks.IsSealed(write)
            ? await OpenAsync(session, seal => seal.TryOpen(write), cancellationToken) is { } opened
                ? row with { Row = opened }
                : row with { Row = null, Problem = "its value is not the one that was sealed here" }
            : row;

    /// <summary>
    /// Does work in a transaction, where nothing may be waited for but the database: it asks <see cref="Held"/> for what it needs, and is done
    /// again with the keys of now if those were not at hand.
    /// </summary>
    /// <param name="work">Does it in a transaction of its own, and is told how the keys that are held came to be.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UnavailableException">The database or the provider of the wrapping key cannot be reached.</exception>
    public async Task<T> HoldingAsync<T>(Func<KeyLook, Task<T>> work, CancellationToken cancellationToken)
    {
        // What is done may be of sessions of more than one tenant, though mostly it is of one.
        var (look, missed) = (KeyLook.Held, new HashSet<(TenantId, int)>());
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work(look);
            }
            catch (KeysNotHeldException missing) when (attempt < MostAttempts)
            {
                // The keys are read before the rows, and another silo may make one and write by it in between. A number that is met again
                // though the keys were read since is none.
                look = missing.Number is { } number && !missed.Add((missing.Tenant, number)) ? KeyLook.Sure : KeyLook.Read;
                await ReadAsync(missing.Tenant, cancellationToken);
            }
            catch (KeysNotHeldException missing)
            {
                throw new UnavailableException($"The data keys of tenant {missing.Tenant} cannot be kept at hand; nothing was changed.", missing);
            }
        }
    }

    /// <summary>What opens the values of a session, and seals them if that is on, without waiting for anything.</summary>
    /// <param name="session">The session.</param>
    /// <param name="look">How they came to be held.</param>
    /// <exception cref="KeysNotHeldException">The keys have to be held first.</exception>
    public SessionSeal Held(SessionAddress session, KeyLook look) =>
        _held.TryGetValue(session.Tenant.Value, out var held) && (look != KeyLook.Held || !IsOver(held))
            ? new SessionSeal(session, held.Keys, areOfNow: look == KeyLook.Sure)
            : throw new KeysNotHeldException(session.Tenant);

    /// <summary>Makes a data key more for a tenant, by which whatever is written from now on is sealed; others learn of it within the interval.</summary>
    /// <returns>The number of its newest data key, also if somebody else was first.</returns>
    /// <exception cref="KeyMissingException">Nobody provides a wrapping key.</exception>
    /// <exception cref="UnavailableException">The database or the provider of the wrapping key cannot be reached.</exception>
    public async ValueTask<int> AddKeyAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var there = await stored.OfTenantAsync(tenant.Value, cancellationToken);
        var number = there.Count == 0 ? 1 : there[^1].Number + 1;
        await AddKeyAsync(tenant, number, cancellationToken);
        return number;
    }

    /// <summary>Makes the data key of a number, unless there is one.</summary>
    private async ValueTask AddKeyAsync(TenantId tenant, int number, CancellationToken cancellationToken)
    {
        var wraps = provider ?? throw new KeyMissingException(
            tenant, number, isDestroyed: false, "cannot be made, for no wrapping key was given");
        var key = RandomNumberGenerator.GetBytes(ConfiguredKeys.KeyBytes);
        var wrapped = await wraps.WrapAsync(tenant.Value, key, cancellationToken);
        await stored.AddAsync(
            new StoredDataKey(tenant.Value, number, wrapped.WrappingKey, wrapped.Bytes.ToArray(), time.GetUtcNow().ToMicroseconds(), null),
            cancellationToken);
        _held.TryRemove(tenant.Value, out _);
    }

    private async ValueTask<TenantKeys> KeysOfAsync(TenantId tenant, CancellationToken cancellationToken) =>
        _held.TryGetValue(tenant.Value, out var held) && !IsOver(held) ? held.Keys : await OnceAsync(tenant, makes: false, cancellationToken);

    private bool IsOver(Read held)
    {
        var most = held.Keys.Newest?.Failure is null || options.CheckInterval < RetryAfter ? options.CheckInterval : RetryAfter;
        return time.GetElapsedTime(held.At) > most;
    }

    /// <summary>Reads the keys of a tenant once for all who ask meanwhile, and makes one before if that is asked for and there is none.</summary>
    private async ValueTask<TenantKeys> OnceAsync(TenantId tenant, bool makes, CancellationToken cancellationToken)
    {
        // Apart from whoever is the first to ask: neither its token nor its scheduler is that of the others.
        var mine = new Lazy<Task<TenantKeys>>(() => Task.Run(
            () => makes ? MakeAsync(tenant, CancellationToken.None).AsTask() : ReadAsync(tenant, CancellationToken.None).AsTask(), CancellationToken.None));
        var shared = _underWay.GetOrAdd((tenant.Value, makes), mine);
        try
        {
            return await shared.Value.WaitAsync(cancellationToken);
        }
        finally
        {
            if (ReferenceEquals(shared, mine))
            {
                _underWay.TryRemove(new((tenant.Value, makes), mine));
            }
        }
    }

    /// <summary>Makes a data key if there is none that seals.</summary>
    private async ValueTask<TenantKeys> MakeAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var keys = await ReadAsync(tenant, cancellationToken);
        if (keys.Newest is null)
        {
            // One that another silo makes at the same time has the same number, and is as good.
            await AddKeyAsync(tenant, keys.All.Count == 0 ? 1 : keys.All[^1].Row.Number + 1, cancellationToken);
            keys = await ReadAsync(tenant, cancellationToken);
        }

        return keys;
    }

    private async ValueTask<TenantKeys> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        var before = _held.TryGetValue(tenant.Value, out var held) ? held.Keys.All : [];
        var rows = await stored.OfTenantAsync(tenant.Value, cancellationToken);
        var keys = new DataKey[rows.Count];
        await Parallel.ForAsync(
            0, keys.Length, new ParallelOptions { MaxDegreeOfParallelism = MostUnwraps, CancellationToken = cancellationToken },
            async (i, cancel) => keys[i] = await UnwrapAsync(tenant, rows[i], before, cancel));
        if (_held.Count >= MostTenants)
        {
            _held.Clear();
        }

        // One that began later may have ended before, and has seen more.
        var read = new Read(new TenantKeys(tenant, keys), readAt);
        _held.AddOrUpdate(tenant.Value, read, (_, other) => other.At > readAt ? other : read);
        return read.Keys;
    }

    /// <summary>A data key, without the key if it cannot be had now: that concerns what was sealed by it, and no other.</summary>
    private async ValueTask<DataKey> UnwrapAsync(
        TenantId tenant, StoredDataKey row, IReadOnlyList<DataKey> before, CancellationToken cancellationToken)
    {
        if (provider is null || row.DestroyedAt is not null)
        {
            return new DataKey(row, null);
        }

        // What was unwrapped stays so for as long as its row is the same.
        foreach (var known in before)
        {
            if (known.Key is not null && known.Row.Number == row.Number && known.Row.Wrapped.AsSpan().SequenceEqual(row.Wrapped))
            {
                return known with { Row = row };
            }
        }

        try
        {
            return new DataKey(row, await provider.UnwrapAsync(tenant.Value, new WrappedKey(row.WrappingKey, row.Wrapped), cancellationToken));
        }
        catch (Exception exception) when (!(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            return new DataKey(row, null, exception);
        }
    }

    /// <summary>The keys of a tenant as they were read.</summary>
    /// <param name="Keys">The keys.</param>
    /// <param name="At">When the read began.</param>
    private readonly record struct Read(TenantKeys Keys, long At);
}
