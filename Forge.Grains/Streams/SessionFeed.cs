using Forge.Events;
using Forge.History.Changes;
using Forge.History.Log;

namespace Forge.Grains.Streams;

/// <summary>
/// What an activation keeps for those who watch its session, for as long as there are any: the newest events, and one signal for all.
/// A subscriber is a position and nothing more.
/// </summary>
/// <remarks>Used on the scheduler of the grain, but for <see cref="End"/>.</remarks>
internal sealed class SessionFeed : IDisposable
{
    private readonly EventRing _ring;
    private readonly WakeSignal _signal;
    private volatile bool _isEnded;

    /// <param name="options">The bounds.</param>
    /// <param name="last">The newest position that is committed.</param>
    /// <param name="time">The clock.</param>
    public SessionFeed(StreamOptions options, long last, TimeProvider time) =>
        (_ring, _signal) = (new EventRing(options, last), new WakeSignal(options.WakeInterval, time));

    /// <summary>How many watch.</summary>
    public int Subscribers { get; set; }

    /// <summary>True if the session was deleted, as far as this activation knows.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>True if all enumerations are to end, so that whoever watches asks again.</summary>
    public bool IsEnded => _isEnded;

    /// <summary>The events after a position; null if they have to be read from the log.</summary>
    public IReadOnlyList<LogEvent>? After(long position) => _ring.After(position);

    /// <summary>Ends when something may have happened.</summary>
    public Task NextAsync() => _signal.NextAsync();

    /// <summary>Takes what was committed.</summary>
    public void Take(SessionCommit commit)
    {
        IsDeleted = commit.Head.DeletedAt is not null;
        _ring.Add(LogEvents.Of(commit), commit.Head.LastPosition);
        _signal.Raise();
    }

    /// <summary>Ends all enumerations.</summary>
    public void End()
    {
        _isEnded = true;
        _signal.End();
    }

    public void Dispose() => _signal.Dispose();
}
