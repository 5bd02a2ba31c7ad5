using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Silo.Security.Callers;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Security.Keys;

/// <summary>Why a key is not good.</summary>
internal enum KeyRefusal
{
    None,

    /// <summary>There is none of this id, or its secret is another.</summary>
    Unknown,

    Revoked,
    Ended,
}

/// <summary>What a key was found to be.</summary>
/// <param name="Refusal">Why it is not good; nothing if it is.</param>
/// <param name="User">Who calls by it, if it is good.</param>
/// <param name="Row">What is known of it; null for one that is not known. That its id is known does not say that its caller has it.</param>
internal readonly record struct CheckedKey(KeyRefusal Refusal, ClaimsPrincipal? User, AccessKey? Row);

/// <summary>
/// The keys that were looked up a moment ago. None is remembered for longer than the interval, so that what another silo revoked is refused
/// within it, and none that is not there, so that guesses leave nothing behind.
/// </summary>
internal sealed class CheckedKeys(IAccess store, IOptions<SecurityOptions> options, TimeProvider time) : IDisposable
{
    public const string Scheme = "ForgeKey";

    /// <summary>The most that are remembered: some MiB.</summary>
    private const int Most = 10_000;

    /// <summary>How many of each sort are looked up at once: guesses must not take the database from those who have keys.</summary>
    private const int Turns = 2;

    /// <summary>The most look-ups of ids that were not seen before that wait for their turn; those beyond are told to come again.</summary>
    private const int MostStrangers = 200;

    /// <summary>How exactly it is noted when a key was last used.</summary>
    private static readonly TimeSpan UseNotedEvery = TimeSpan.FromMinutes(1);

    private static readonly byte[] NoHash = new byte[SHA256.HashSizeInBytes];

    private readonly ConcurrentDictionary<long, Remembered> _remembered = [];
    private readonly ConcurrentDictionary<long, Lazy<Task<Remembered?>>> _looking = [];
    private readonly ConcurrentDictionary<long, bool> _used = [];
    private readonly SemaphoreSlim _turnsOfStrangers = new(Turns);

    /// <summary>Of ids that keys are known to have: there are as many as were made, and they never wait behind guesses.</summary>
    private readonly SemaphoreSlim _turnsOfKnown = new(Turns);

    private int _strangers;

    /// <summary>How many are remembered.</summary>
    public int Count => _remembered.Count;

    /// <summary>Checks a key.</summary>
    /// <exception cref="UnavailableException">The database does not say whether it is good, or too many wait for it to.</exception>
    public ValueTask<CheckedKey> CheckAsync(KeyText key, CancellationToken cancellationToken) =>
        _remembered.TryGetValue(key.Id, out var found) && time.GetElapsedTime(found.Since) < options.Value.CheckInterval
            ? ValueTask.FromResult(Check(found, key))
            : new(LookUpAsync(key, cancellationToken));

    /// <summary>Forgets a key that was changed here.</summary>
    public void Forget(long id) => _remembered.TryRemove(id, out _);

    /// <summary>The keys that were used and of which that is to be noted; they are no longer afterwards.</summary>
    public long[] TakeUsed()
    {
        long[] used = [.. _used.Keys];
        Array.ForEach(used, id => _used.TryRemove(id, out _));
        return used;
    }

    public void Dispose()
    {
        _turnsOfStrangers.Dispose();
        _turnsOfKnown.Dispose();
    }

    private async Task<CheckedKey> LookUpAsync(KeyText key, CancellationToken cancellationToken)
    {
        // Whoever asks for the same key meanwhile waits for the same answer.
        var looking = _looking.GetOrAdd(key.Id, id => new(() => LookUpAsync(id)));
        return Check(await looking.Value.WaitAsync(cancellationToken), key);
    }

    private async Task<Remembered?> LookUpAsync(long id)
    {
        await Task.Yield();
        var isKnown = _remembered.ContainsKey(id);
        try
        {
            if (!isKnown && Interlocked.Increment(ref _strangers) > MostStrangers)
            {
                throw new UnavailableException("Too many keys that are not known wait to be looked up.");
            }

            return await LookUpAsync(id, isKnown ? _turnsOfKnown : _turnsOfStrangers);
        }
        finally
        {
            if (!isKnown)
            {
                Interlocked.Decrement(ref _strangers);
            }

            _looking.TryRemove(id, out _);
        }
    }

    private async Task<Remembered?> LookUpAsync(long id, SemaphoreSlim turns)
    {
        await turns.WaitAsync();
        try
        {
            // It is as old as the question, for it may be revoked before the answer is here.
            var since = time.GetTimestamp();
            var row = await store.FindKeyAsync(id, CancellationToken.None);
            if (row is null)
            {
                _remembered.TryRemove(id, out _);
                return null;
            }

            var found = new Remembered(row, PrincipalOf(row), since);
            if (_remembered.Count < Most || HasRoom())
            {
                _remembered[id] = found;
            }

            return found;
        }
        finally
        {
            turns.Release();
        }
    }

    private CheckedKey Check(Remembered? found, KeyText key)
    {
        var isIt = CryptographicOperations.FixedTimeEquals(found?.Row.Hash ?? NoHash, key.Hash);
        if (found is null || !isIt)
        {
            return new CheckedKey(KeyRefusal.Unknown, null, found?.Row);
        }

        var (row, now) = (found.Row, time.GetUtcNow());
        if (row.RevokedAt is not null || row.EndsAt <= now)
        {
            return new CheckedKey(row.RevokedAt is not null ? KeyRefusal.Revoked : KeyRefusal.Ended, null, row);
        }

        if ((row.UsedAt is null || now - row.UsedAt > UseNotedEvery) && found.NotesUse())
        {
            _used.TryAdd(row.Id, true);
        }

        return new CheckedKey(KeyRefusal.None, found.User, row);
    }

    private bool HasRoom()
    {
        foreach (var (id, old) in _remembered)
        {
            if (time.GetElapsedTime(old.Since) >= options.Value.CheckInterval)
            {
                _remembered.TryRemove(id, out _);
            }
        }

        return _remembered.Count < Most;
    }

    private static ClaimsPrincipal PrincipalOf(AccessKey row) => new(new Caller(
        Scheme, TenantId.Parse(row.Tenant), row.Name, $"key:{KeyText.IdOf(row.Id)}", (GivenScopes)row.Scopes, row.EndsAt)
    {
        Key = row.Id,
    });

    private sealed class Remembered(AccessKey row, ClaimsPrincipal user, long since)
    {
        private int _isNoted;

        public AccessKey Row => row;

        public ClaimsPrincipal User => user;

        public long Since => since;

        /// <summary>True the first time.</summary>
        public bool NotesUse() => Interlocked.Exchange(ref _isNoted, 1) == 0;
    }
}
