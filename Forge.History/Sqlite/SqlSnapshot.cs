using Forge.Errors;
using Forge.History.Sql;
using Microsoft.Data.Sqlite;

namespace Forge.History.Sqlite;

/// <summary>A connection of its own with a reading transaction that stays open, until it is disposed of or has to be ended.</summary>
internal sealed class SqlSnapshot : ISqlSnapshot
{
    private readonly Lock _use = new();

    /// <summary>Held for an instant: whoever ends a read must not meet one that closes of itself meanwhile.</summary>
    private readonly Lock _stop = new();
    private readonly CancellationTokenSource _end = new();
    private readonly SqliteDatabase _database;
    private readonly SqliteLog _log;
    private UnavailableException? _ended;
    private bool _isClosed;
    private bool _isStopped;

    private SqlSnapshot(SqliteDatabase database, SqliteLog log) => (_database, _log) = (database, log);

    public SqlDialect Dialect => Sqlite.Dialect.Instance;

    /// <param name="database">The connection; the snapshot disposes of it.</param>
    /// <param name="log">The log that it keeps from being begun anew.</param>
    /// <exception cref="UnavailableException">The database failed.</exception>
    public static SqlSnapshot Begin(SqliteDatabase database, SqliteLog log)
    {
        try
        {
            // The first read makes the snapshot, so one is read here.
            database.Prepare("BEGIN").Execute();
            database.Prepare("SELECT level FROM schema_level").Scalar();
        }
        catch (SqliteException exception)
        {
            database.Dispose();
            throw SqliteFailures.Unavailable(exception);
        }

        var snapshot = new SqlSnapshot(database, log);
        database.Stop = snapshot._end.Token;
        log.Add(snapshot);
        return snapshot;
    }

    public async Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => Read(work), cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw _ended ?? SqliteFailures.Unavailable(exception);
        }
    }

    /// <summary>Ends it for the log's sake: whoever reads on is told why.</summary>
    /// <param name="bytes">The size of the log.</param>
    public void End(long bytes)
    {
        lock (_stop)
        {
            if (_isStopped)
            {
                return;
            }

            _ended = new UnavailableException(
                $"The read was ended: the embedded database keeps {bytes} bytes in its log for it, more than it may. Try it again when less is written.");
            _end.Cancel();
        }

        Close();
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private T Read<T>(Func<SqlTransaction, ValueTask<T>> work)
    {
        lock (_use)
        {
            return _ended is { } ended ? throw ended : Transaction.Run(_database, work, out _);
        }
    }

    /// <summary>Closing the connection ends its transaction.</summary>
    private void Close()
    {
        lock (_use)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _log.Remove(this);
                _database.Dispose();
                lock (_stop)
                {
                    _isStopped = true;
                    _end.Dispose();
                }
            }
        }
    }
}
