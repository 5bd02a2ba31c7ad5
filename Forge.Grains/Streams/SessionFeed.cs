using Forge.Events;
using Forge.History.Changes;
using Forge.History.Log;
using Forge.History.Rows;

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
    private bool _isQuiet;

    /// <param name="options">The bounds.</param>
    /// <param name="budget">What the rings of the silo take together.</param>
    /// <param name="last">The newest position that is committed.</param>
    /// <param name="time">The clock.</param>
    public SessionFeed(StreamOptions options, RingBudget budget, long last, TimeProvider time) =>
        (_ring, _signal) = (new EventRing(options, budget, last), new WakeSignal(options.WakeInterval, time));

    /// <summary>Looks now and then whether the session goes on elsewhere; ended with the feed.</summary>
    public IDisposable? Check { get; set; }

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

    /// <summary>Keeps none of its events any more: who has not told them yet reads them from the log.</summary>
    public void Forget() => _ring.Clear();

    /// <summary>Takes what was committed. What it removed is not told any more by whoever has not told it yet.</summary>
    public void Take(SessionCommit commit)
    {
        (IsDeleted, _isQuiet) = (commit.Head.DeletedAt is not null, false);
        _ring.Add(LogEvents.Of(commit), commit.Head.LastPosition);
        if (IsDeleted)
        {
            _ring.Hide(_ => true);
        }
        else if (RemovedBy(commit) is { } ranges)
        {
            _ring.Hide(new RemovedSequences(ranges).Cover);
        }

        _signal.Raise();
    }

    /// <summary>True if nothing was committed since this was asked last.</summary>
    public bool WasQuiet()
    {
        var was = _isQuiet;
        _isQuiet = true;
        return was;
    }

    /// <summary>Ends all enumerations.</summary>
    public void End()
    {
        _isEnded = true;
        _signal.End();
    }

    public void Dispose()
    {
        Check?.Dispose();
        _signal.Dispose();
        _ring.Dispose();
    }

    private static List<SequenceRange>? RemovedBy(SessionCommit commit)
    {
        List<SequenceRange>? removed = null;
        for (var i = 0; i < commit.Changes.Count; i++)
        {
            if (commit.Changes[i] is RangeRemoved { Range: var range })
            {
                (removed ??= []).Add(range);
            }
            else if (commit.Changes[i] is Removed { Sequence: var sequence })
            {
                (removed ??= []).Add(new SequenceRange(sequence, sequence));
            }
        }

        return removed;
    }
}
