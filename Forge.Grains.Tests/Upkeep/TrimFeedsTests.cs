using Forge.Grains.Feeds;
using Forge.Grains.Retention;
using Forge.Grains.Upkeep;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Upkeep;

/// <summary>In which order, and for how long, rows of feeds are removed, over feeds that the test is.</summary>
public sealed class TrimFeedsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RetentionOptions _retention = new() { SweepRows = 2 };
    private readonly FeedOptions _options = new();
    private readonly MadeFeeds _feeds = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tidy_MoreThanAStepOfSomeTenants_RemovesAllInTurnAtOnce()
    {
        _feeds.Old = new(StringComparer.Ordinal) { ["a"] = 5, ["b"] = 0, ["c"] = 4, ["d"] = 1 };
        await Tidying().TidyAsync(Cancel);

        Assert.All(_feeds.Old.Values, left => Assert.Equal(0, left));

        // Those that had no more are left alone until the next round.
        Assert.Equal("a2 b0 c2 d1 end a2 c2 a1 c0", _feeds.Steps);
    }

    [Fact]
    public async Task Tidy_TenantThatIsNewBesideOneWithMore_LosesNeither()
    {
        _feeds.Old = new(StringComparer.Ordinal) { ["a"] = 1, ["c"] = 6 };
        _feeds.Begins = (3, "b");
        await Tidying().TidyAsync(Cancel);

        Assert.Equal("a1 c2 end b0 c2 c2 c0", _feeds.Steps);
    }

    [Fact]
    public async Task Tidy_TurnThatHasLastedLong_GoesOnAtTheNext()
    {
        _feeds.Old = new(StringComparer.Ordinal) { ["a"] = 6, ["b"] = 0 };
        var tidying = Tidying();
        _feeds.Passes = () => _time.Advance(_retention.WorkLease / 3);
        await tidying.TidyAsync(Cancel);
        Assert.Equal("a2 b0", _feeds.Steps);
        await tidying.TidyAsync(Cancel);
        Assert.Equal("a2 b0 end a2", _feeds.Steps);
        await tidying.TidyAsync(Cancel);

        Assert.Equal("a2 b0 end a2 a2 a0", _feeds.Steps);
    }

    [Fact]
    public async Task Tidy_StepFails_IsTriedAgainAtTheNextTurn()
    {
        _feeds.Old = new(StringComparer.Ordinal) { ["a"] = 3 };
        var tidying = Tidying();
        _feeds.Passes = () => _ = _feeds.Steps == "a2 end" ? throw new TimeoutException("late") : 0;
        await Assert.ThrowsAsync<TimeoutException>(() => tidying.TidyAsync(Cancel));
        _feeds.Passes = () => { };
        await tidying.TidyAsync(Cancel);

        Assert.Equal("a2 end a1", _feeds.Steps);
    }

    [Fact]
    public async Task Tidy_ManyTenantsAndNothingOld_LooksAtEachOnceARound()
    {
        _feeds.Old = new(StringComparer.Ordinal) { ["a"] = 0, ["b"] = 0 };
        var tidying = Tidying();
        await tidying.TidyAsync(Cancel);
        await tidying.TidyAsync(Cancel);
        Assert.Equal("a0 b0 end", _feeds.Steps);
        _time.Advance(_options.Keep / 100);
        await tidying.TidyAsync(Cancel);

        Assert.Equal("a0 b0 end a0 b0 end", _feeds.Steps);
    }

    private TrimFeeds Tidying()
    {
        var retention = Options.Create(_retention);
        return new TrimFeeds(
            _feeds, new WorkClaims(null!, retention, new RetentionClock(_time, NullLogger<RetentionClock>.Instance), _time), Options.Create(_options), retention);
    }

    private sealed class MadeFeeds : IFeed
    {
        private readonly List<string> _steps = [];

        /// <summary>How many old rows each tenant has.</summary>
        public SortedDictionary<string, int> Old { get; set; } = [];

        /// <summary>A tenant that has its first row before a step, by how many there were.</summary>
        public (int Step, string Tenant)? Begins { get; set; }

        /// <summary>What happens before each step.</summary>
        public Action Passes { get; set; } = () => { };

        public string Steps => string.Join(' ', _steps);

        public Task<TrimmedFeed?> TrimAsync(string? after, DateTimeOffset before, int limit, CancellationToken cancellationToken)
        {
            Passes();
            if (Begins is { } begins && begins.Step == _steps.Count)
            {
                Old.Add(begins.Tenant, 0);
            }

            var tenant = Old.Keys.FirstOrDefault(t => string.CompareOrdinal(t, after) > 0);
            if (tenant is null)
            {
                _steps.Add("end");
                return Task.FromResult<TrimmedFeed?>(null);
            }

            var rows = Math.Min(Old[tenant], limit);
            Old[tenant] -= rows;
            _steps.Add($"{tenant}{rows}");
            return Task.FromResult<TrimmedFeed?>(new TrimmedFeed(tenant, rows));
        }

        public Task<FeedRead> ReadAsync(TenantId tenant, FeedFilter filter, FeedPlace? after, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Nobody reads here.");

        public Task<FeedPlace> NewestAsync(TenantId tenant, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Nobody reads here.");

        public IFeedSignal? Listen(TenantId tenant) => null;
    }
}
