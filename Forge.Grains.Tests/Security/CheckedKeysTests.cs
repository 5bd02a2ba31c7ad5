using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Silo.Security.Keys;
using Forge.Silo.Security.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Security;

/// <summary>How long keys are remembered, and what guesses cost.</summary>
public sealed class CheckedKeysTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeAccess _store = new();
    private readonly CheckedKeys _keys;

    public CheckedKeysTests() => _keys = new CheckedKeys(_store, Options.Create(new SecurityOptions()), _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _keys.Dispose();

    [Fact]
    public async Task Check_WithinTheInterval_AsksOnceAndThenSeesARevocation()
    {
        var key = Add();
        Assert.Equal(KeyRefusal.None, (await _keys.CheckAsync(key, Cancel)).Refusal);
        _store.Keys[key.Id] = _store.Keys[key.Id] with { RevokedAt = _time.GetUtcNow() };
        _time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));

        Assert.Equal((KeyRefusal.None, 1), ((await _keys.CheckAsync(key, Cancel)).Refusal, _store.Asked));
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal((KeyRefusal.Revoked, 2), ((await _keys.CheckAsync(key, Cancel)).Refusal, _store.Asked));
    }

    [Fact]
    public async Task Check_KeyThatEnds_IsRefusedAtItsEndThoughItIsRemembered()
    {
        var key = Add(row => row with { EndsAt = _time.GetUtcNow().AddSeconds(1) });
        Assert.Equal(KeyRefusal.None, (await _keys.CheckAsync(key, Cancel)).Refusal);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((KeyRefusal.Ended, 1), ((await _keys.CheckAsync(key, Cancel)).Refusal, _store.Asked));
    }

    [Fact]
    public async Task Check_Guesses_LeaveNothingBehind()
    {
        for (var i = 0; i < 100; i++)
        {
            var found = await _keys.CheckAsync(KeyText.Make(out _), Cancel);
            Assert.Equal((KeyRefusal.Unknown, null), (found.Refusal, found.Row));
        }

        Assert.Equal(0, _keys.Count);
    }

    [Fact]
    public async Task Check_AnotherSecret_IsUnknownAndAsksNoMore()
    {
        var key = Add();
        await _keys.CheckAsync(key, Cancel);
        KeyText.Make(out var other);
        var wrong = KeyText.Parse($"forge_{KeyText.IdOf(key.Id)}{other[^44..]}")!.Value;

        var found = await _keys.CheckAsync(wrong, Cancel);

        Assert.Equal((KeyRefusal.Unknown, null, 1), (found.Refusal, found.User, _store.Asked));
    }

    [Fact]
    public async Task Check_MoreKeysThanAreRemembered_AreGoodAndForgotten()
    {
        List<KeyText> keys = [.. Enumerable.Range(0, 10_050).Select(_ => Add())];
        foreach (var key in keys)
        {
            Assert.Equal(KeyRefusal.None, (await _keys.CheckAsync(key, Cancel)).Refusal);
        }

        Assert.Equal(10_000, _keys.Count);
        _time.Advance(TimeSpan.FromSeconds(2));
        await _keys.CheckAsync(keys[^1], Cancel);
        Assert.Equal(1, _keys.Count);
    }

    [Fact]
    public async Task Check_ManyAtOnce_ShareOneLookUp()
    {
        var key = Add();
        _store.Gate = new TaskCompletionSource();
        var all = Enumerable.Range(0, 50).Select(_ => _keys.CheckAsync(key, Cancel).AsTask()).ToList();
        _store.Gate.SetResult();

        Assert.All(await Task.WhenAll(all), found => Assert.Equal(KeyRefusal.None, found.Refusal));
        Assert.Equal(1, _store.Asked);
    }

    [Fact]
    public async Task Check_MoreGuessesThanMayWait_AreUnavailableAndKeepNoKnownKeyWaiting()
    {
        var key = Add();
        await _keys.CheckAsync(key, Cancel);
        _time.Advance(TimeSpan.FromSeconds(2));
        var gate = new TaskCompletionSource();
        _store.StrangersGate = gate;
        List<Task<CheckedKey>> guesses = [.. Enumerable.Range(0, 300).Select(_ => _keys.CheckAsync(KeyText.Make(out var _), Cancel).AsTask())];

        Assert.Equal(KeyRefusal.None, (await _keys.CheckAsync(key, Cancel)).Refusal);
        var (refused, left) = (0, guesses);
        while (refused < 100)
        {
            var first = await Task.WhenAny(left).WaitAsync(SecuredSilo.Patience, Cancel);
            await Assert.ThrowsAsync<UnavailableException>(() => first);
            left = [.. left.Where(guess => guess != first)];
            refused++;
        }

        gate.SetResult();
        Assert.All(await Task.WhenAll(left), found => Assert.Equal(KeyRefusal.Unknown, found.Refusal));
    }

    [Fact]
    public async Task Check_DatabaseThatDoesNotAnswer_IsUnavailableAndAskedAgain()
    {
        var key = Add();
        _store.Failure = new UnavailableException("down");
        await Assert.ThrowsAsync<UnavailableException>(async () => await _keys.CheckAsync(key, Cancel));
        _store.Failure = null;

        Assert.Equal(KeyRefusal.None, (await _keys.CheckAsync(key, Cancel)).Refusal);
    }

    [Fact]
    public async Task TakeUsed_KeyThatIsUsedOften_IsNotedOnceAMinute()
    {
        var key = Add();
        await _keys.CheckAsync(key, Cancel);
        await _keys.CheckAsync(key, Cancel);
        Assert.Equal([key.Id], _keys.TakeUsed());
        _store.Keys[key.Id] = _store.Keys[key.Id] with { UsedAt = _time.GetUtcNow() };
        _time.Advance(TimeSpan.FromSeconds(59));
        await _keys.CheckAsync(key, Cancel);
        Assert.Empty(_keys.TakeUsed());
        _time.Advance(TimeSpan.FromSeconds(2));
        await _keys.CheckAsync(key, Cancel);

        Assert.Equal([key.Id], _keys.TakeUsed());
    }

    private KeyText Add(Func<AccessKey, AccessKey>? change = null)
    {
        var key = KeyText.Make(out _);
        var row = new AccessKey(key.Id, "t", "n", 1, key.Hash, _time.GetUtcNow(), null, null, null);
        _store.Keys[key.Id] = change?.Invoke(row) ?? row;
        return key;
    }
}

/// <summary>Keys and an audit without a database.</summary>
internal sealed class FakeAccess : IAccess
{
    public Dictionary<long, AccessKey> Keys { get; } = [];

    public List<AuditEntry> Audit { get; } = [];

    public Exception? Failure { get; set; }

    /// <summary>The target of entries that are never taken.</summary>
    public string Rejected { get; set; } = "none";

    public TaskCompletionSource? Gate { get; set; }

    /// <summary>What questions for keys that are not there wait for.</summary>
    public TaskCompletionSource? StrangersGate { get; set; }

    public int Asked { get; private set; }

    public Task<KeyAddition> AddKeyAsync(AccessKey key, int limit, AuditEntry entry, CancellationToken cancellationToken)
    {
        Keys.Add(key.Id, key);
        Audit.Add(entry);
        return Task.FromResult(KeyAddition.Added);
    }

    public async Task<AccessKey?> FindKeyAsync(long id, CancellationToken cancellationToken)
    {
        Asked++;
        await (Gate?.Task ?? Task.CompletedTask);
        await (Keys.ContainsKey(id) ? Task.CompletedTask : StrangersGate?.Task ?? Task.CompletedTask);
        return Failure is null ? Keys.GetValueOrDefault(id) : throw Failure;
    }

    public Task<IReadOnlyList<AccessKey>> FindKeysAsync(long[] ids, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AccessKey>>([.. ids.Where(Keys.ContainsKey).Select(id => Keys[id])]);

    public Task<IReadOnlyList<AccessKey>> ListKeysAsync(string tenant, AccessKey? after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AccessKey>>([.. Keys.Values.Where(key => key.Tenant == tenant)]);

    public Task<AccessKey?> RevokeKeyAsync(string tenant, long id, DateTimeOffset at, AuditEntry entry, CancellationToken cancellationToken)
    {
        Keys[id] = Keys[id] with { RevokedAt = at };
        return Task.FromResult<AccessKey?>(Keys[id]);
    }

    public Task NoteUseAsync(long[] ids, DateTimeOffset at, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task AuditAsync(IReadOnlyList<AuditEntry> entries, CancellationToken cancellationToken)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        if (entries.Any(entry => entry.Target == Rejected))
        {
            throw new BatchRejectedException(CommitStatus.Refused, new InvalidOperationException("Not this one."));
        }

        Audit.AddRange(entries);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<AuditEntry>> ReadAuditAsync(string tenant, long after, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AuditEntry>>([.. Audit.Where(entry => entry.Tenant == tenant)]);

    public Task<int> TrimAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) => Task.FromResult(0);
}
