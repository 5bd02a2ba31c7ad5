using Forge.Errors;
using Forge.Grains.Usage;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Usage;

/// <summary>What a silo knows of what a tenant has, and when it asks.</summary>
public sealed class UsageMetersTests : IDisposable
{
    private static readonly TenantId Tenant = TenantId.Parse("t");
    private static readonly TimeSpan Interval = new UsageOptions().CountInterval;

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedUsage _usage = new();
    private readonly UsageMeters _meters;

    public UsageMetersTests() => _meters = new UsageMeters(_usage, Options.Create(new UsageOptions { Sessions = 3, StoredBytes = 100 }), _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Take_WhatIsBeingWritten_CountsUntilItFails()
    {
        var bound = (await _meters.OpenAsync(Tenant))!;
        for (var i = 0; i < 3; i++)
        {
            bound.Take(new Amount(1, 10));
        }

        var error = Assert.Throws<QuotaExceededException>(() => bound.Take(new Amount(1, 10)));
        Assert.Equal(("sessions", 3, 3), (error.Quota, error.Limit, error.Used));
        Assert.Equal("storedBytes", Assert.Throws<QuotaExceededException>(() => bound.Take(new Amount(0, 71))).Quota);
        bound.Take(new Amount(0, 70));
        bound.Settle(new Amount(0, 70), default);
        bound.Settle(new Amount(1, 10), default);
        bound.Take(new Amount(1, 10));
    }

    [Fact]
    public async Task Take_WhatIsTakenAway_MakesRoomOnceItIsWritten()
    {
        _usage.Has = new Amount(3, 100);
        var bound = (await _meters.OpenAsync(Tenant))!;

        bound.Take(new Amount(-1, -50));
        Assert.Throws<QuotaExceededException>(() => bound.Take(new Amount(1, 0)));
        bound.Settle(new Amount(-1, -50), new Amount(-1, -50));
        bound.Take(new Amount(1, 50));
    }

    [Fact]
    public async Task Count_WhatOthersDid_IsKnownASecondBehindAChangeOrARefusal()
    {
        var bound = (await _meters.OpenAsync(Tenant))!;
        var counts = _usage.Counts;
        _usage.Has = new Amount(3, 0);
        bound.Take(new Amount(1, 0));
        bound.Settle(new Amount(1, 0), new Amount(1, 0));

        Assert.Empty(_meters.TakeDue());
        _time.Advance(Interval);
        await CountAsync();
        Assert.Throws<QuotaExceededException>(() => bound.Take(new Amount(1, 0)));
        _usage.Has = new Amount(2, 0);
        _time.Advance(Interval);
        await CountAsync();
        bound.Take(new Amount(1, 0));
        bound.Settle(new Amount(1, 0), new Amount(1, 0));
        Assert.Equal(counts + 2, _usage.Counts);

        // Nobody asks for one that nothing happens to.
        _time.Advance(Interval);
        await CountAsync();
        counts = _usage.Counts;
        _time.Advance(TimeSpan.FromDays(1));
        await CountAsync();
        Assert.Equal(counts, _usage.Counts);
    }

    [Fact]
    public async Task Count_ChangeBesideIt_CountsTwiceUntilTheNextRatherThanNotAtAll()
    {
        var bound = (await _meters.OpenAsync(Tenant))!;
        bound.Take(new Amount(1, 0));
        var held = _usage.HoldNext();
        var counting = bound.CountAsync(Cancel);
        await held.Entered;

        // The database has it already, and its answer comes behind that of the count.
        _usage.Has = new Amount(1, 0);
        held.Release();
        await counting;
        bound.Settle(new Amount(1, 0), new Amount(1, 0));

        Assert.Equal(2, bound.Now!.Value.Sessions);
        await bound.CountAsync(Cancel);
        Assert.Equal(1, bound.Now!.Value.Sessions);
    }

    [Fact]
    public async Task Count_ThatTakesLong_TakesNoMoreThanItsShareOfTheTime()
    {
        _usage.OnCount = () => _time.Advance(TimeSpan.FromSeconds(0.5));
        var bound = (await _meters.OpenAsync(Tenant))!;
        bound.Queue();

        _time.Advance(TimeSpan.FromSeconds(24.9));
        Assert.Empty(_meters.TakeDue());
        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Same(bound, Assert.Single(_meters.TakeDue()));
    }

    [Fact]
    public async Task Open_DatabaseThatFails_RefusesNothingUntilItIsCounted()
    {
        _usage.Has = new Amount(3, 0);
        _usage.OnCount = () => throw new UnavailableException("down");
        var bound = (await _meters.OpenAsync(Tenant))!;
        bound.Take(new Amount(1, 0));
        bound.Settle(new Amount(1, 0), default);
        await CountAsync();
        bound.Require(new Amount(1, 0));

        _usage.OnCount = () => { };
        _time.Advance(Interval);
        await CountAsync();

        Assert.Throws<QuotaExceededException>(() => bound.Require(new Amount(1, 0)));
    }

    [Fact]
    public async Task Open_CountThatFailed_IsAskedForAgainOnceItsRestIsOver()
    {
        _usage.OnCount = () =>
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            throw new UnavailableException("slow");
        };
        await _meters.OpenAsync(Tenant);
        await _meters.OpenAsync(Tenant);
        var error = await Assert.ThrowsAsync<UnavailableException>(() => _meters.ReadAsync(Tenant, Cancel));
        Assert.Equal("slow", error.InnerException!.Message);
        _time.Advance(TimeSpan.FromSeconds(24.9));
        await CountAsync();
        Assert.Equal(1, _usage.Counts);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        await CountAsync();
        Assert.Equal(2, _usage.Counts);
    }

    [Fact]
    public async Task Read_CountThatFails_TellsWhatWasCountedLast()
    {
        _usage.Has = new Amount(2, 5);
        var first = await _meters.ReadAsync(Tenant, Cancel);
        _time.Advance(Interval);
        _usage.OnCount = () => throw new UnavailableException("down");

        Assert.Equal(first, await _meters.ReadAsync(Tenant, Cancel));
        Assert.Equal(first, await _meters.ReadAsync(Tenant, Cancel));
        Assert.Equal(2, _usage.Counts);
    }

    [Fact]
    public async Task Refresh_LastCountIsLongAgo_CountsWhatOthersDidBeforeAnythingIsDecided()
    {
        _usage.Has = new Amount(3, 0);
        var bound = (await _meters.OpenAsync(Tenant))!;
        _usage.Has = default;
        await bound.RefreshAsync();
        Assert.Throws<QuotaExceededException>(() => bound.Require(new Amount(1, 0)));

        // Others deleted, and then filled it again.
        _time.Advance(TimeSpan.FromHours(1));
        await bound.RefreshAsync();
        bound.Require(new Amount(1, 0));
        _usage.Has = new Amount(3, 0);
        _time.Advance(TimeSpan.FromHours(1));
        await bound.RefreshAsync();
        Assert.Throws<QuotaExceededException>(() => bound.Take(new Amount(1, 0)));
        Assert.Equal(3, _usage.Counts);

        // What is counted behind changes is waited for by nobody.
        _time.Advance(Interval);
        await bound.RefreshAsync();
        Assert.Equal(3, _usage.Counts);
    }

    [Fact]
    public async Task Refresh_CountThatTakesLong_IsWaitedForInItsFirstSecondAlone()
    {
        var held = _usage.HoldNext();
        var opening = _meters.OpenAsync(Tenant).AsTask();
        await held.Entered;
        Assert.False(opening.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        var bound = (await opening)!;

        await bound.RefreshAsync();
        await _meters.OpenAsync(Tenant);
        bound.Take(new Amount(1, 0));
        held.Release();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Count_RemovalBesideIt_IsNotSubtractedTwice(bool isSettledWithin)
    {
        _usage.Has = new Amount(3, 0);
        var bound = (await _meters.OpenAsync(Tenant))!;
        bound.Take(new Amount(-1, 0));
        var held = _usage.HoldNext();
        var counting = bound.CountAsync(Cancel);
        await held.Entered;
        _usage.Has = new Amount(2, 0);
        if (isSettledWithin)
        {
            bound.Settle(new Amount(-1, 0), new Amount(-1, 0));
        }

        held.Release();
        await counting;
        if (!isSettledWithin)
        {
            bound.Settle(new Amount(-1, 0), new Amount(-1, 0));
        }

        Assert.Equal(2, bound.Now!.Value.Sessions);
        bound.Take(new Amount(1, 0));
        Assert.Throws<QuotaExceededException>(() => bound.Take(new Amount(1, 0)));
        bound.Settle(new Amount(1, 0), new Amount(1, 0));
        bound.Take(new Amount(-1, 0));
        bound.Settle(new Amount(-1, 0), new Amount(-1, 0));
        Assert.Equal(2, bound.Now!.Value.Sessions);
    }

    [Fact]
    public async Task Now_MoreWasRemovedThanWasCounted_IsNothing()
    {
        var bound = (await _meters.OpenAsync(Tenant))!;
        bound.Take(new Amount(-1, -5));
        bound.Settle(new Amount(-1, -5), new Amount(-1, -5));

        Assert.Equal(default, (await _meters.ReadAsync(Tenant, Cancel)).Amount);
    }

    [Fact]
    public async Task Count_OfTwoTenants_IsAtTheDatabaseAtOnce()
    {
        var (one, two) = ((await _meters.OpenAsync(Tenant))!, (await _meters.OpenAsync(TenantId.Parse("u")))!);
        one.Queue();
        two.Queue();
        _time.Advance(Interval);
        using var both = new Barrier(2);
        var met = 0;
        _usage.OnCount = () => Interlocked.Add(ref met, both.SignalAndWait(TimeSpan.FromMinutes(1), Cancel) ? 1 : 0);
        await CountAsync();

        Assert.Equal(2, met);
    }

    [Fact]
    public async Task Read_OfATenantAgainWithinASecond_AsksTheDatabaseOnce()
    {
        _usage.Has = new Amount(2, 5);
        var first = await _meters.ReadAsync(Tenant, Cancel);
        _usage.Has = new Amount(4, 5);

        Assert.Equal(first, await _meters.ReadAsync(Tenant, Cancel));
        Assert.Equal((new Amount(2, 5), 3), (first.Amount, first.Limits.Sessions));
        _time.Advance(Interval);
        Assert.Equal(4, (await _meters.ReadAsync(Tenant, Cancel)).Amount.Sessions);
    }

    [Theory]
    [InlineData(-1, 0, "Forge:Quotas:Sessions")]
    [InlineData(0, -1, "Forge:Quotas:StoredBytes")]
    public void Validate_LessThanNothing_NamesTheSetting(int sessions, int bytes, string setting)
    {
        var options = new UsageOptions { Sessions = sessions, StoredBytes = bytes };
        options.Tenants["t"] = new UsageLimits { Sessions = sessions, StoredBytes = bytes };

        var failures = new UsageOptionsValidator().Validate(null, options).Failures!.ToList();

        Assert.Equal(2, failures.Count);
        Assert.StartsWith(setting, failures[0], StringComparison.Ordinal);
        Assert.StartsWith("Forge:Quotas:Tenants:t:", failures[1], StringComparison.Ordinal);
    }

    private async Task CountAsync()
    {
        using var counter = new UsageCounter(_meters, _time, NullLogger<UsageCounter>.Instance);
        await counter.CountAsync(Cancel);
    }

    private sealed class ScriptedUsage : IUsage
    {
        private TaskCompletionSource? _entered;
        private TaskCompletionSource? _release;

        public Amount Has { get; set; }

        public int Counts { get; private set; }

        public Action OnCount { get; set; } = () => { };

        /// <summary>Holds the next count until it is released, and has it tell what there is then.</summary>
        public (Task Entered, Action Release) HoldNext()
        {
            (_entered, _release) = (new TaskCompletionSource(), new TaskCompletionSource());
            return (_entered.Task, _release.SetResult);
        }

        public async Task<TenantUse> CountAsync(TenantId tenant, CancellationToken cancellationToken)
        {
            Counts++;
            OnCount();
            if (_release is { } release)
            {
                _release = null;
                _entered!.SetResult();
                await release.Task;
            }

            return new TenantUse(tenant, Has.Sessions, Has.Bytes);
        }

        public Task<IReadOnlyList<TenantUse>> ListLargestAsync(int limit, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<IReadOnlyList<OverdueWork>> ListOverdueAsync(DateTimeOffset now, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public Task<IReadOnlyList<EffectUse>> CountEffectsAsync(DateTimeOffset now, CancellationToken cancellationToken) => throw new InvalidOperationException();
    }
}
