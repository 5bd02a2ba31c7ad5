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

    private const int MostAttempts = 3;

    private readonly ConcurrentDictionary<string, (TenantKeys Keys, long ReadAt)> _held = new(StringComparer.Ordinal);

    /// <summary>True if what is written is sealed.</summary>
    public bool IsOn => options.Mode == EncryptionMode.On;

    /// <summary>What seals the values of a session. Makes the tenant's first data key if it has none.</summary>
    /// <exception cref="KeyMissingException">There is a newest data key, and it cannot be had.</exception>
    /// <exception cref="UnavailableException">The database or the provider of the wrapping key cannot be reached.</exception>
    public async ValueTask<SessionSeal> ToSealAsync(SessionAddress session, CancellationToken cancellationToken)
    {
        var (keys, areOfNow) = await KeysOfAsync(session.Tenant, cancellationToken);
        if (keys.Newest is null)
        {
            // One that somebody else makes at the same time has the same number, and is as good.
            await AddKeyAsync(session.Tenant, keys.All.Count == 0 ? 1 : keys.All[^1].Row.Number + 1, cancellationToken);
            (keys, areOfNow) = (await ReadAsync(session.Tenant, cancellationToken), true);
        }

        _ = keys.Newest is { Row.Number: var number } ? keys.Require(number) : throw new UnavailableException(
            $"The data keys of tenant {session.Tenant} are being destroyed; nothing was changed.");
        return new SessionSeal(session, keys, areOfNow);
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
        var (keys, areOfNow) = await KeysOfAsync(session.Tenant, cancellationToken);
        try
        {
            return open(new SessionSeal(session, keys, areOfNow));
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
    /// <param name="work">Does it in a transaction of its own, and is told whether the keys that are held are those of now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UnavailableException">The database or the provider of the wrapping key cannot be reached.</exception>
    public async Task<T> HoldingAsync<T>(Func<bool, Task<T>> work, CancellationToken cancellationToken)
    {
        // What is done may be of sessions of more than one tenant, though mostly it is of one.
        for (var (areOfNow, attempt) = (false, 1); ; areOfNow = true, attempt++)
        {
            try
            {
                return await work(areOfNow);
            }
            catch (KeysNotHeldException missing) when (attempt < MostAttempts)
            {
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
    /// <param name="areOfNow">True if the keys that are held were read for this.</param>
    /// <exception cref="KeysNotHeldException">The keys have to be held first.</exception>
    public SessionSeal Held(SessionAddress session, bool areOfNow) =>
        _held.TryGetValue(session.Tenant.Value, out var held) && (areOfNow || !IsOver(held.ReadAt))
            ? new SessionSeal(session, held.Keys, areOfNow)
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

    private async ValueTask<(TenantKeys Keys, bool AreOfNow)> KeysOfAsync(TenantId tenant, CancellationToken cancellationToken) =>
        _held.TryGetValue(tenant.Value, out var held) && !IsOver(held.ReadAt)
            ? (held.Keys, false)
            : (await ReadAsync(tenant, cancellationToken), true);

    private bool IsOver(long readAt) => time.GetElapsedTime(readAt) > options.CheckInterval;

    private async ValueTask<TenantKeys> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        var before = _held.TryGetValue(tenant.Value, out var held) ? held.Keys.All : [];
        var keys = new List<DataKey>();
        foreach (var row in await stored.OfTenantAsync(tenant.Value, cancellationToken))
        {
            keys.Add(new DataKey(row, await UnwrapAsync(tenant, row, before, cancellationToken)));
        }

        if (_held.Count >= MostTenants)
        {
            _held.Clear();
        }

        var read = new TenantKeys(tenant, keys);
        _held[tenant.Value] = (read, readAt);
        return read;
    }

    private async ValueTask<byte[]?> UnwrapAsync(
        TenantId tenant, StoredDataKey row, IReadOnlyList<DataKey> before, CancellationToken cancellationToken)
    {
        if (provider is null || row.DestroyedAt is not null)
        {
            return null;
        }

        // What was unwrapped stays so for as long as its row is the same.
        foreach (var known in before)
        {
            if (known.Key is not null && known.Row.Number == row.Number && known.Row.Wrapped.AsSpan().SequenceEqual(row.Wrapped))
            {
                return known.Key;
            }
        }

        return await provider.UnwrapAsync(tenant.Value, new WrappedKey(row.WrappingKey, row.Wrapped), cancellationToken);
    }
}
