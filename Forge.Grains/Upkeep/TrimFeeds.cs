using Forge.Grains.Feeds;
using Forge.Grains.Retention;
using Forge.History.Stores;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>
/// Removes rows of feeds that are older than they are kept, of one tenant after another. A silo goes through all tenants, and begins anew
/// when some time is over; what it does not get done at one turn it goes on with at the next.
/// </summary>
internal sealed class TrimFeeds(IFeed feed, WorkClaims claims, IOptions<FeedOptions> options, IOptions<RetentionOptions> retention) : ITidying
{
    /// <summary>How many rounds there are in the time that a feed is kept: what is too old goes by a fraction of it late.</summary>
    private const int Rounds = 100;

    private string? _after;
    private bool _more;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var (began, now, rows) = (claims.Begin(), claims.Now, retention.Value.SweepRows);
        if (_after is null && now < _next)
        {
            return;
        }

        while (await feed.TrimAsync(_after, now - options.Value.Keep, rows, cancellationToken) is { } step)
        {
            // One with more to remove is asked again when the others had their turn.
            (_after, _more) = (step.Tenant, _more || step.Rows == rows);
            if (claims.IsLongSince(began))
            {
                return;
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        (_after, _next, _more) = (null, _more ? now : now + (options.Value.Keep / Rounds), false);
    }
}
