using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.Events;
using Forge.Grains.Streams;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    private bool _isOver;

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<LogEvent>> WatchAsync(
        long? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (after < 0)
        {
            throw new InvalidRequestException("after", "must not be negative");
        }

        var feed = EnterFeed();
        try
        {
            // The database first, whatever is in memory: an activation that was overtaken learns it by this.
            var read = await ReadLogAsync(after);
            while (true)
            {
                var position = read.Position;
                if (read.Events.Count > 0)
                {
                    yield return read.Events;
                }

                // Whoever waits keeps no page.
                read = default;

                await _session.ForgetDestroyedAsync(cancellationToken);

                // What is in reach comes from memory, in the same turn in which it is looked at.
                while (feed.After(position) is { } events)
                {
                    if (events.Count > 0)
                    {
                        position = events[^1].Position;
                        yield return events;
                    }
                    else if (feed.IsDeleted)
                    {
                        throw new SessionDeletedException(_address);
                    }
                    else if (feed.IsEnded)
                    {
                        yield break;
                    }
                    else
                    {
                        await feed.NextAsync().WaitAsync(cancellationToken);
                    }
                }

                if (feed.IsEnded)
                {
                    yield break;
                }

                read = await ReadLogAsync(position);
            }
        }
        finally
        {
            LeaveFeed(feed);
        }

        Task<LogRead> ReadLogAsync(long? position) =>
            SessionLogReader.ReadAsync(_session, position, _services.Streams.BatchEvents, cancellationToken);
    }

    /// <summary>Has all who watch ask again, and whoever comes yet: what happens from now on happens elsewhere.</summary>
    private void EndFeed()
    {
        _isOver = true;
        _state.State.Feed?.End();
    }

    private SessionFeed EnterFeed()
    {
        if (_state.State.Feed is not { IsEnded: false } feed)
        {
            var made = new SessionFeed(
                _services.Streams, _services.Feeds.Budget, _session.Engine.Committed?.Head.LastPosition ?? 0, _services.Time);
            made.Check = this.RegisterGrainTimer(
                token => CheckAsync(made, token),
                new GrainTimerCreationOptions
                {
                    DueTime = _services.Streams.CheckInterval,
                    Period = _services.Streams.CheckInterval,
                    Interleave = true,
                });
            feed = made;
            _state.State.Feed = feed;
            _services.Feeds.Add(feed);
        }

        if (_isOver)
        {
            feed.End();
        }

        feed.Subscribers++;
        return feed;
    }

    /// <summary>
    /// Learns whether the session goes on elsewhere: an activation that the cluster has forgotten, and that nobody writes to or reads, would
    /// have those who watch it wait for ever.
    /// </summary>
    private async Task CheckAsync(SessionFeed feed, CancellationToken cancellationToken)
    {
        // What was committed since the last time was under the newest version.
        if (feed.IsEnded || !feed.WasQuiet())
        {
            return;
        }

        try
        {
            var head = await _services.Reads.ReadHeadAsync(_address, cancellationToken);
            _session.NoteVersion(head?.Head.Version ?? 0);
        }
        catch (ForgeException exception) when (exception.IsTransient)
        {
            // The database does not answer; it is asked again the next time.
        }
    }

    private void LeaveFeed(SessionFeed feed)
    {
        if (--feed.Subscribers > 0)
        {
            return;
        }

        _services.Feeds.Remove(feed);
        feed.Dispose();
        if (_state.State.Feed == feed)
        {
            _state.State.Feed = null;
        }
    }
}
