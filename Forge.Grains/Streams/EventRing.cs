using Forge.Events;
using Forge.History.Log;

namespace Forge.Grains.Streams;

/// <summary>
/// The newest events of a session, each position from one on once. Bounded in count and bytes: the oldest go, but the newest one stays
/// however large it is, unless the rings of the silo are too large together.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class EventRing : IDisposable
{
    private const int FirstSlots = 16;

    private readonly StreamOptions _options;
    private readonly RingBudget _budget;
    private LogEvent[] _events;
    private int _first;
    private int _count;
    private long _bytes;
    private LogEvent[] _read = [];

    /// <param name="options">Its bounds.</param>
    /// <param name="budget">What the rings of the silo take together.</param>
    /// <param name="last">The newest position, before anything is added.</param>
    public EventRing(StreamOptions options, RingBudget budget, long last)
    {
        (_options, _budget, Last) = (options, budget, last);
        _events = new LogEvent[Math.Min(FirstSlots, options.RecentEvents)];
    }

    /// <summary>The newest position, whether or not its event is kept.</summary>
    public long Last { get; private set; }

    /// <summary>
    /// Takes events that follow the newest position one by one, up to a position. If one is missing among them, none is kept and all that
    /// were kept go: whoever wants them has to read the log, so that nobody skips what is not here. So it is if the budget is overdrawn.
    /// </summary>
    /// <param name="events">The events.</param>
    /// <param name="last">The newest position from then on.</param>
    public void Add(IReadOnlyList<LogEvent> events, long last)
    {
        var isDense = events.Count == last - Last;
        for (var i = 0; isDense && i < events.Count; i++)
        {
            isDense = events[i].Position == Last + i + 1;
        }

        Last = last;
        if (!isDense)
        {
            Clear();
            return;
        }

        for (var i = 0; i < events.Count; i++)
        {
            Put(events[i]);
        }

        if (_budget.IsOverdrawn)
        {
            Clear();
        }
    }

    /// <summary>Takes from what is kept the texts of checkpoints that were removed, as the log does.</summary>
    /// <param name="isRemoved">Says of a sequence whether its checkpoint was removed.</param>
    public void Hide(Func<long, bool> isRemoved)
    {
        for (var i = 0; i < _count; i++)
        {
            ref var kept = ref _events[(_first + i) % _events.Length];
            if (kept.Sequence is { } sequence && isRemoved(sequence))
            {
                var weight = LogEvents.WeightOf(kept);
                kept = LogEvents.WithoutText(kept);
                Weigh(LogEvents.WeightOf(kept) - weight);
            }
        }

        _read = [];
    }

    public void Dispose() => Clear();

    /// <summary>
    /// The events after a position, as many as a batch may have; null if not all of them are kept, and empty if there are none. Those who ask
    /// after the same position share the answer.
    /// </summary>
    public IReadOnlyList<LogEvent>? After(long position)
    {
        if (position >= Last)
        {
            return [];
        }

        var skip = position - (Last - _count);
        if (skip < 0)
        {
            return null;
        }

        if (_read is not [{ Position: var first }, ..] || first != position + 1)
        {
            _read = Copy((int)skip);
        }

        return _read;
    }

    private LogEvent[] Copy(int skip)
    {
        var (take, bytes) = (0, 0L);
        while (skip + take < _count && take < _options.BatchEvents && bytes < _options.BatchBytes)
        {
            bytes += LogEvents.WeightOf(At(skip + take));
            take++;
        }

        var copy = new LogEvent[take];
        for (var i = 0; i < take; i++)
        {
            copy[i] = At(skip + i);
        }

        return copy;
    }

    private LogEvent At(int index) => _events[(_first + index) % _events.Length];

    private void Put(LogEvent happened)
    {
        Weigh(LogEvents.WeightOf(happened));
        if (_count == _events.Length && _count < _options.RecentEvents)
        {
            Grow();
        }

        while (_count > 0 && (_count == _events.Length || _bytes > _options.RecentBytes))
        {
            Weigh(-LogEvents.WeightOf(_events[_first]));
            _events[_first] = null!;
            _first = (_first + 1) % _events.Length;
            _count--;
        }

        _events[(_first + _count) % _events.Length] = happened;
        _count++;

        // What was read for others may lack this one.
        _read = [];
    }

    private void Grow()
    {
        var events = new LogEvent[Math.Min(_events.Length * 2, _options.RecentEvents)];
        for (var i = 0; i < _count; i++)
        {
            events[i] = At(i);
        }

        (_events, _first) = (events, 0);
    }

    private void Weigh(long bytes)
    {
        _bytes += bytes;
        _budget.Add(bytes);
    }

    /// <summary>Lets go of all events; the newest position stays.</summary>
    public void Clear()
    {
        Weigh(-_bytes);
        Array.Clear(_events);
        (_first, _count, _read) = (0, 0, []);
    }
}
