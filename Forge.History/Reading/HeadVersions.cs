using Forge.Errors;
using Forge.History.Stores;

namespace Forge.History.Reading;

/// <summary>
/// The one fence behind which the reads of a silo wait: asks the database for the versions of head rows, for as many reads at once as
/// there are.
/// </summary>
/// <remarks>
/// <para>
/// An ask rides on a query that is sent after it came, never on one that is under way: so what it is answered was true at an instant
/// between its call and its return. No ask waits for a timer: one that finds nothing under way is sent at once, and what comes meanwhile
/// gathers for the next query.
/// </para>
/// <para>
/// A query that takes long holds up others for 50 ms: then another one is sent beside it, up to <see cref="MostUnderWay"/>. If all of them take
/// long, what comes meanwhile waits for its patience and no longer. A query that fails fails those that ride on it and nobody else. A caller
/// that gives up does not end it for the others.
/// </para>
/// </remarks>
internal sealed class HeadVersions : IDisposable
{
    /// <summary>How many sessions a query asks for at the most.</summary>
    public const int MostKeys = 1000;

    /// <summary>How many queries are under way at the most.</summary>
    public const int MostUnderWay = 4;

    /// <summary>A query that is under way for longer than this is not waited for.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    private readonly ISessionReads _reads;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;
    private readonly Lock _lock = new();
    private readonly Queue<Query> _waiting = [];
    private readonly List<long> _underWay = new(MostUnderWay);
    private readonly ITimer _look;
    private Query? _open;
    private bool _looks;

    /// <param name="reads">Where the versions are read.</param>
    /// <param name="patience">How long an ask waits, whether its query was sent or not.</param>
    /// <param name="time">The clock.</param>
    public HeadVersions(ISessionReads reads, TimeSpan patience, TimeProvider time)
    {
        (_reads, _patience, _time) = (reads, patience, time);
        _look = time.CreateTimer(static versions => ((HeadVersions)versions!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The version that a head row has at an instant after the call and before it returns; 0 if the row is not there.</summary>
    /// <param name="key">The session's key.</param>
    /// <param name="cancellationToken">Gives this ask up.</param>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public async Task<long> ReadAsync(long key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Query mine;
        (Query Query, long StartedAt)? first = null;
        lock (_lock)
        {
            if (_open is null || _open.Keys.Count >= MostKeys)
            {
                _waiting.Enqueue(_open = new Query());
            }

            mine = _open;
            mine.Keys.Add(key);
            first = Take();
        }

        if (first is { } next)
        {
            Start(next.Query, next.StartedAt);
        }

        try
        {
            return (await mine.Versions.WaitAsync(_patience, _time, cancellationToken)).GetValueOrDefault(key);
        }
        catch (TimeoutException late) when (late != mine.Versions.Exception?.InnerException)
        {
            throw new UnavailableException($"The database did not tell versions within {_patience}.", late);
        }
    }

    public void Dispose() => _look.Dispose();

    /// <summary>The query that is to be sent now; null if none is. Under the lock.</summary>
    private (Query Query, long StartedAt)? Take()
    {
        if (_waiting.Count == 0)
        {
            return null;
        }

        if (_underWay.Count > 0 && !(_underWay.Count < MostUnderWay && _underWay.TrueForAll(at => _time.GetElapsedTime(at) > Slow)))
        {
            if (!_looks && _underWay.Count < MostUnderWay)
            {
                _looks = _look.Change(Slow + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            }

            return null;
        }

        // From here on nobody joins it.
        var query = _waiting.Dequeue();
        _open = ReferenceEquals(_open, query) ? null : _open;
        var startedAt = _time.GetTimestamp();
        _underWay.Add(startedAt);
        return (query, startedAt);
    }

    private void Look()
    {
        (Query Query, long StartedAt)? next;
        lock (_lock)
        {
            _looks = false;
            next = Take();
        }

        if (next is { } query)
        {
            Start(query.Query, query.StartedAt);
        }
    }

    /// <summary>Sends a query, and after it those that have gathered meanwhile.</summary>
    private void Start(Query query, long startedAt)
    {
        // On this thread as far as it goes without waiting, which saves a hop, but then on none of the caller's: it may be a grain's, which
        // may end before the others have their answers. And in nobody's context, since it is on behalf of many.
        using var _ = ExecutionContext.SuppressFlow();
        new Task<Task>(() => RunAsync(query, startedAt)).RunSynchronously(TaskScheduler.Default);
    }

    private async Task RunAsync(Query query, long startedAt)
    {
        for ((Query Query, long StartedAt)? next = (query, startedAt); next is var (sent, at);)
        {
            try
            {
                sent.Answer(await _reads.ReadVersionsAsync(sent.Keys, CancellationToken.None));
            }
            catch (Exception exception)
            {
                sent.Fail(exception);
            }

            lock (_lock)
            {
                _underWay.Remove(at);
                next = Take();
            }
        }
    }

    /// <summary>One query, and the asks that ride on it.</summary>
    private sealed class Query
    {
        // Those that wait go on on schedulers of their own, never on the way of the next query.
        private readonly TaskCompletionSource<IReadOnlyDictionary<long, long>> _versions = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The sessions. Not changed any more once the query is taken to be sent.</summary>
        public HashSet<long> Keys { get; } = [];

        public Task<IReadOnlyDictionary<long, long>> Versions => _versions.Task;

        public void Answer(IReadOnlyDictionary<long, long> versions) => _versions.SetResult(versions);

        public void Fail(Exception exception)
        {
            _versions.SetException(exception);

            // All who asked may have given up.
            _ = _versions.Task.Exception;
        }
    }
}
