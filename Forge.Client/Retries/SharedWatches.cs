using System.Collections.Concurrent;
using Forge.Events;
using Forge.Identity;

namespace Forge.Client.Retries;

/// <summary>The sessions that are watched by way of one client.</summary>
internal sealed class SharedWatches
{
    private readonly ConcurrentDictionary<SessionAddress, SharedWatch> _all = [];

    /// <summary>How many sessions there are.</summary>
    public int Count => _all.Count;

    /// <summary>Another one watches a session, until it is disposed of.</summary>
    /// <param name="address">The session.</param>
    /// <param name="read">Reads its events from a position on, and goes on by itself.</param>
    public Watcher Enter(SessionAddress address, Func<long, CancellationToken, IAsyncEnumerable<IReadOnlyList<LogEvent>>> read)
    {
        while (true)
        {
            var watch = _all.GetOrAdd(address, static (_, how) => new SharedWatch(how), read);
            if (watch.TryEnter())
            {
                return new Watcher(this, address, watch);
            }

            Remove(address, watch);
        }
    }

    private void Remove(SessionAddress address, SharedWatch watch) => _all.TryRemove(KeyValuePair.Create(address, watch));

    /// <summary>One who watches.</summary>
    public readonly struct Watcher(SharedWatches all, SessionAddress address, SharedWatch watch) : IDisposable
    {
        /// <inheritdoc cref="SharedWatch.Join"/>
        public SharedWatch.Batch? Join(long position, bool isTold) => watch.Join(position, isTold);

        public void Dispose()
        {
            if (watch.Leave())
            {
                all.Remove(address, watch);
            }
        }
    }
}
