using Forge.Errors;

namespace Forge.History.Writing;

/// <summary>
/// The bound on what waits to be written in a silo, or is being written: records and bytes over all sessions, and a share
/// of that for each. What does not fit is refused at once.
/// </summary>
internal sealed class WriterBudget(WriterOptions options)
{
    private readonly Lock _lock = new();
    private int _records;
    private long _bytes;

    /// <summary>What counts now: records, and about their bytes.</summary>
    public (int Records, long Bytes) Load
    {
        get
        {
            lock (_lock)
            {
                return (_records, _bytes);
            }
        }
    }

    /// <summary>Enters a change; it counts until the admission is disposed.</summary>
    /// <param name="load">What the session has entered already.</param>
    /// <param name="records">The records of the change.</param>
    /// <param name="bytes">About its bytes.</param>
    /// <exception cref="BusyException">The silo's queue or the session's share of it is full.</exception>
    public Admission Enter(SessionLoad load, int records, long bytes)
    {
        lock (_lock)
        {
            // A change that is larger than the share alone goes when nothing else of the session waits.
            if (load.Records > 0 && (load.Records + records > options.QueueRecords / options.SessionShare
                || load.Bytes + bytes > options.QueueBytes / options.SessionShare))
            {
                throw new BusyException("session", $"has {load.Records} records and {load.Bytes} bytes waiting, its share of the writer queue");
            }

            RequireRoom(own: 0, records, bytes);
            return Count(load, records, bytes);
        }
    }

    /// <summary>Enters what a change that has entered turned out to carry, once it is decided; never refused.</summary>
    /// <param name="load">What the session has entered already.</param>
    /// <param name="bytes">The bytes, on top of what the change has entered with.</param>
    public Admission Add(SessionLoad load, long bytes)
    {
        lock (_lock)
        {
            return Count(load, 0, bytes);
        }
    }

    /// <summary>Looks if a change that has entered as one record may turn out to carry much more, before it is decided.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="BusyException">
    /// The silo's queue has no room. The share of its session does not count: such a change would never go while others come.
    /// </exception>
    public void RequireRoom(long bytes)
    {
        lock (_lock)
        {
            RequireRoom(own: 1, 0, bytes);
        }
    }

    private void RequireRoom(int own, int records, long bytes)
    {
        if (_records > own && (_records + records > options.QueueRecords || _bytes + bytes > options.QueueBytes))
        {
            throw new BusyException("writer queue", $"holds {_records} records and {_bytes} bytes");
        }
    }

    private Admission Count(SessionLoad load, int records, long bytes)
    {
        _records += records;
        _bytes += bytes;
        load.Add(records, bytes);
        return new Admission(this, load, records, bytes);
    }

    private void Leave(SessionLoad load, int records, long bytes)
    {
        lock (_lock)
        {
            _records -= records;
            _bytes -= bytes;
            load.Add(-records, -bytes);
        }
    }

    /// <summary>A change that counts; dispose it once, when the change is settled.</summary>
    public readonly struct Admission(WriterBudget budget, SessionLoad load, int records, long bytes) : IDisposable
    {
        public void Dispose() => budget.Leave(load, records, bytes);
    }
}

/// <summary>What one session has waiting; changed under the budget's lock alone.</summary>
internal sealed class SessionLoad
{
    public int Records { get; private set; }

    public long Bytes { get; private set; }

    public void Add(int records, long bytes)
    {
        Records += records;
        Bytes += bytes;
    }
}
