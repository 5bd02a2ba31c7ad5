using Forge.Client;
using Forge.Errors;
using Forge.Events;
using Forge.Feeds;
using Forge.Grains.Feeds;
using Forge.Grains.Tests.Client;
using Forge.Identity;

namespace Forge.Grains.Tests.Feeds;

/// <summary>How a silo and a client go on following a feed, over grains that answer as the test says.</summary>
public sealed class FeedFollowingTests
{
    private readonly FakeCluster _cluster = new();
    private readonly List<string> _asked = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FollowAsync_FromNowOn_KnowsWhereThatIsBeforeItWaits()
    {
        Answer(new UnavailableException("down"), Page("now"), new UnavailableException("down"), Page("one", 1));

        Assert.Equal(["now", "one"], await _cluster.Time.DriveAsync(FollowAsync(FeedQuery.Latest, 2)));
        Assert.Equal(["latest 0", "latest 0", "now 20", "now 20"], _asked);
    }

    [Fact]
    public async Task WatchFeedAsync_FromNowOn_KnowsWhereThatIsBeforeItWaits()
    {
        Answer(new UnavailableException("down"), Page("now"), new UnavailableException("down"), Page("one", 1), Page("two", 2));

        Assert.Equal([1, 2], await _cluster.Time.DriveAsync(WatchAsync(FeedQuery.Latest, 2)));
        Assert.Equal(["latest 0", "latest 0", "now 10", "now 10", "one 10"], _asked);
    }

    [Fact]
    public async Task FollowAsync_NotLetWait_AsksOnceASecond()
    {
        Answer(Page("a"), Page("a"), Page("b") with { More = true }, Waits(Page("b")), Page("c", 1));

        Assert.Equal(["a", "b", "c"], await _cluster.Time.DriveAsync(FollowAsync("0", 3)));
        Assert.Equal(["0 20", "a 20", "a 20", "b 20", "b 20"], _asked);

        // Not if there was more, nor if it had waited.
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)], _cluster.Time.Waits);
    }

    [Fact]
    public async Task WatchFeedAsync_NotLetWait_AsksOnceASecond()
    {
        Answer(Page("a"), Page("a"), Page("b") with { More = true }, Waits(Page("b")), Page("c", 1));

        Assert.Equal([1], await _cluster.Time.DriveAsync(WatchAsync("0", 1)));
        Assert.Equal(["0 10", "a 10", "a 10", "b 10", "b 10"], _asked);
        Assert.Equal([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)], _cluster.Time.Waits);
    }

    [Fact]
    public async Task WatchFeedPagesAsync_NothingThatIsWanted_TellsHowFarItIsOnce()
    {
        Answer(Page("now"), Waits(Page("now")), Waits(Page("a")), new UnavailableException("down"), Waits(Page("a")), Page("one", 1));

        var pages = await _cluster.Time.DriveAsync(
            PagesAsync(_cluster.Tenant("default").WatchFeedPagesAsync(new FeedQuery { After = FeedQuery.Latest }, Cancel), 3));
        Assert.Equal(["now", "a", "one"], pages);
        Assert.Equal(["latest 0", "now 10", "now 10", "a 10", "a 10", "a 10"], _asked);
    }

    /// <summary>Answers with a page when the time is over.</summary>
    private static Func<DrivenTime, FeedPage> Waits(FeedPage page) => time =>
    {
        time.Advance(FeedQuery.LongestWait);
        return page;
    };

    private static FeedPage Page(string next, params long[] positions) => new(
        [.. positions.Select(position => new FeedEvent(
            SessionId.Parse("s"), new LogEvent { Position = position, Kind = LogEventKind.Created, At = DateTimeOffset.UnixEpoch }, $"{position}"))],
        next,
        More: false);

    private void Answer(params object[] answers)
    {
        var left = new Queue<object>(answers);
        _cluster.On(nameof(IFeedGrain.ReadAsync), arguments =>
        {
            var query = (FeedQuery)arguments[0]!;
            _asked.Add($"{query.After} {query.Wait.TotalSeconds}");
            return left.Dequeue() switch
            {
                Exception failure => throw failure,
                Func<DrivenTime, FeedPage> later => later(_cluster.Time),
                var page => (FeedPage)page,
            };
        });
    }

    private Task<List<string>> FollowAsync(string? after, int count) => PagesAsync(
        new FeedFollower(_cluster.Grains, _cluster.Time).FollowAsync(TenantId.Default, new FeedQuery { After = after }, Cancel), count);

    /// <summary>The cursors of so many pages.</summary>
    private static async Task<List<string>> PagesAsync(IAsyncEnumerable<FeedPage> pages, int count)
    {
        var told = new List<string>();
        await foreach (var page in pages)
        {
            told.Add(page.Next);
            if (told.Count == count)
            {
                break;
            }
        }

        return told;
    }

    /// <summary>The positions of so many events of a client's watcher.</summary>
    private async Task<List<long>> WatchAsync(string? after, int count)
    {
        var told = new List<long>();
        await foreach (var happened in _cluster.Tenant("default").WatchFeedAsync(new FeedQuery { After = after }, Cancel))
        {
            told.Add(happened.Event.Position);
            if (told.Count == count)
            {
                break;
            }
        }

        return told;
    }
}
