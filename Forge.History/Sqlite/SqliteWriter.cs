using System.Collections.Concurrent;
using Forge.Errors;

namespace Forge.History.Sqlite;

/// <summary>
/// The one writing connection, and a thread of its own that does its work in the order in which it was given: syncing to
/// disk must not hold up a thread that grains run on.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private readonly BlockingCollection<Job> _jobs = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SqliteDatabase _database;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly Action<SqliteDatabase>? _behind;

    /// <param name="database">The connection; the writer disposes of it.</param>
    /// <param name="patience">How long work may wait for its turn.</param>
    /// <param name="time">The clock to wait by.</param>
    /// <param name="behind">What is done behind each piece of work; it must not fail.</param>
    public SqliteWriter(SqliteDatabase database, TimeSpan patience, TimeProvider time, Action<SqliteDatabase>? behind = null)
    {
        (_database, _patience, _time, _behind) = (database, patience, time, behind);
        new Thread(Loop) { IsBackground = true, Name = "Forge SQLite writer" }.Start();
    }

    /// <summary>Does work on the connection when its turn comes. Once begun it is not cancelled.</summary>
    /// <exception cref="UnavailableException">Its turn did not come in time; it will not be done.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before its turn; it will not be done.</exception>
    public Task<T> RunAsync<T>(Func<SqliteDatabase, T> work, CancellationToken cancellationToken) =>
        RunAsync(new Job<T>(work, TaskCreationOptions.RunContinuationsAsynchronously), cancellationToken);

    /// <summary>
    /// The same for a caller that has the next piece of work at hand: it goes on at once, on the thread that writes, unless its
    /// own scheduler takes it elsewhere. On a pool with other work before it, the thread would have nothing to write meanwhile.
    /// </summary>
    /// <remarks>What the caller does until it waits for something must be short, and must not block.</remarks>
    public Task<T> RunInTurnAsync<T>(Func<SqliteDatabase, T> work, CancellationToken cancellationToken) =>
        RunAsync(new Job<T>(work, TaskCreationOptions.None), cancellationToken);

    private async Task<T> RunAsync<T>(Job<T> job, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            _jobs.Add(job, CancellationToken.None);
        }
        catch (InvalidOperationException exception)
        {
            throw new UnavailableException("The embedded database is closed.", exception);
        }

        await using var timer = _time.CreateTimer(static state => ((Job)state!).TimeOut(), job, _patience, Timeout.InfiniteTimeSpan);
        await using var registration = cancellationToken.Register(static (state, token) => ((Job)state!).Cancel(token), job);
        return await job.Task;
    }

    /// <summary>Finishes the work that was given, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.CompleteAdding();
        await _ended.Task;
    }

    private void Loop()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            job.Run(_database);
            _behind?.Invoke(_database);
        }

        _database.Dispose();
        _ended.SetResult();
    }

    private abstract class Job
    {
        private int _taken;

        public void Run(SqliteDatabase database)
        {
            if (Take())
            {
                Do(database);
            }
        }

        public void TimeOut()
        {
            if (Take())
            {
                Fail(new UnavailableException(
                    "The embedded database is busy.", new TimeoutException("The turn to write did not come in time.")));
            }
        }

        public void Cancel(CancellationToken cancellationToken)
        {
            if (Take())
            {
                Fail(new OperationCanceledException(cancellationToken));
            }
        }

        protected abstract void Do(SqliteDatabase database);

        protected abstract void Fail(Exception exception);

        // Work is either begun or given up, never both: who gave up says that nothing was written.
        private bool Take() => Interlocked.Exchange(ref _taken, 1) == 0;
    }

    private sealed class Job<T>(Func<SqliteDatabase, T> work, TaskCreationOptions options) : Job
    {
        private readonly TaskCompletionSource<T> _completion = new(options);

        public Task<T> Task => _completion.Task;

        protected override void Do(SqliteDatabase database)
        {
            T result;
            try
            {
                result = work(database);
            }
            catch (Exception exception)
            {
                _completion.SetException(exception);
                return;
            }

            _completion.SetResult(result);
        }

        protected override void Fail(Exception exception)
        {
            if (exception is OperationCanceledException cancelled)
            {
                _completion.SetCanceled(cancelled.CancellationToken);
            }
            else
            {
                _completion.SetException(exception);
            }
        }
    }
}
