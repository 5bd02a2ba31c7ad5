using Forge.Feeds;
using Forge.Silo.Events;

namespace Forge.Grains.Tests.Http;

/// <summary>A page of a feed that is waited for from now on.</summary>
public sealed class FeedWaitTests
{
    [Fact]
    public async Task Read_WaitFromNowThatTheStopEnds_GoesOnFromWhereItBegan()
    {
        using var stopping = new CancellationTokenSource();
        var feed = new ScriptedFeed(stopping);

        var page = await FeedRoutes.ReadAsync(
            feed, new FeedQuery { After = FeedQuery.Latest, Wait = TimeSpan.FromSeconds(20) }, stopping.Token, TestContext.Current.CancellationToken);

        Assert.Equal("3", page.Next);
        Assert.Equal([(FeedQuery.Latest, 0), ("1", 20), ("1", 0)], feed.Reads);
    }

    /// <summary>A feed in which something happens with each read, and whose waits end with the silo.</summary>
    private sealed class ScriptedFeed(CancellationTokenSource stopping) : IFeedGrain
    {
        public List<(string? After, int Seconds)> Reads { get; } = [];

        public async Task<FeedPage> ReadAsync(FeedQuery query, CancellationToken cancellationToken)
        {
            Reads.Add((query.After, (int)query.Wait.TotalSeconds));
            if (query.Wait > TimeSpan.Zero)
            {
                await stopping.CancelAsync();
                cancellationToken.ThrowIfCancellationRequested();
            }

            return new FeedPage([], Reads.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), More: false);
        }
    }
}
