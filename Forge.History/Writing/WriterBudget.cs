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

            if (_records > 0 && (_records + records > options.QueueRecords || _bytes + bytes > options.QueueBytes))
            {
                throw new BusyException("writer queue", $"holds {_records} records and {_bytes} bytes");
            }

            _records += records;
            _bytes += bytes;
            load.Add(records, bytes);
        }

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
