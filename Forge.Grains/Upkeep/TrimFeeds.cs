using Forge.Grains.Feeds;
using Forge.Grains.Retention;
using Forge.History.Stores;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>
/// Removes rows of feeds that are older than they are kept, of one tenant after another: of each a bounded number, and then in turn of
/// those that have more until none has. A silo goes through all tenants, and begins anew when some time is over; what it does not get done at
/// one turn it goes on with at the next.
/// </summary>
internal sealed class TrimFeeds(IFeed feed, WorkClaims claims, IOptions<FeedOptions> options, IOptions<RetentionOptions> retention) : ITidying
{
    /// <summary>How many rounds there are in the time that a feed is kept: what is too old goes by a fraction of it late.</summary>
    private const int Rounds = 100;

    /// <summary>Tenants with more to remove, each with that before it.</summary>
    private readonly Queue<(string? After, string Tenant)> _more = [];

    private string? _after;
    private DateTimeOffset _next = DateTimeOffset.MinValue;

    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var (began, now, rows) = (claims.Begin(), claims.Now, retention.Value.SweepRows);
        var before = now - options.Value.Keep;
        while (_after is not null || now >= _next)
        {
            if (await feed.TrimAsync(_after, before, rows, cancellationToken) is { } step)
            {
                // One with more to remove is asked again when the others had their turn.
                Note(_after, step, rows);
                _after = step.Tenant;
            }
            else
            {
                (_after, _next) = (null, now + (options.Value.Keep / Rounds));
            }

            if (claims.IsLongSince(began))
            {
                return;
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        while (_more.TryPeek(out var full) && !claims.IsLongSince(began))
        {
            var step = await feed.TrimAsync(full.After, before, rows, cancellationToken);
            _more.Dequeue();
            if (step is not null && string.CompareOrdinal(step.Tenant, full.Tenant) < 0)
            {
                // It is new, and stands between.
                _more.Enqueue((step.Tenant, full.Tenant));
            }
            else if (step is not null)
            {
                Note(full.After, step, rows);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private void Note(string? after, TrimmedFeed step, int rows)
    {
        if (step.Rows == rows)
        {
            _more.Enqueue((after, step.Tenant));
        }
    }
}
