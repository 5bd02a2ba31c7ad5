using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace Forge.Grains.Streams;

/// <summary>
/// The feeds of a silo that somebody reads. Ends them when silos come or go, for then an activation may be one that the cluster has
/// forgotten, whose session goes on elsewhere: those who watch ask again, and are led to where it is. Ends them for good when the silo stops,
/// which waits for all calls that it has.
/// </summary>
internal sealed class OpenFeeds(ISiloStatusOracle silos, IOptions<StreamOptions> options, TimeProvider time)
    : ISiloStatusListener, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>
    /// By then the directory of activations has settled: who came back at once may have been led to an activation that ends, and would keep it
    /// from ending for as long as an answer is waited for.
    /// </summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<SessionFeed, bool> _feeds = [];
    private readonly Lock _lock = new();
    private ITimer? _later;
    private volatile bool _isOver;

    /// <summary>How many there are.</summary>
    public int Count => _feeds.Count;

    /// <summary>What their rings take together.</summary>
    public RingBudget Budget { get; } = new(options.Value.SiloBytes);

    /// <summary>Adds one; it is ended at once if the silo stops.</summary>
    public void Add(SessionFeed feed)
    {
        _feeds[feed] = true;
        if (_isOver)
        {
            feed.End();
        }
    }

    public void Remove(SessionFeed feed) => _feeds.TryRemove(feed, out _);

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(OpenFeeds),
        ServiceLifecycleStage.Active,
        _ =>
        {
            silos.SubscribeToSiloStatusEvents(this);
            return Task.CompletedTask;
        },
        _ =>
        {
            _isOver = true;
            silos.UnSubscribeFromSiloStatusEvents(this);
            EndAll();
            return Task.CompletedTask;
        });

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        // One that is about to join owns nothing yet.
        if (status is SiloStatus.Created or SiloStatus.Joining)
        {
            return;
        }

        EndAll();
        lock (_lock)
        {
            _later?.Dispose();
            _later = _isOver ? null : time.CreateTimer(_ => EndAll(), null, Settled, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            _later?.Dispose();
            _later = null;
        }
    }

    /// <summary>Ends all enumerations; those who watch begin again where they are.</summary>
    public void EndAll()
    {
        foreach (var feed in _feeds.Keys)
        {
            feed.End();
        }
    }
}
