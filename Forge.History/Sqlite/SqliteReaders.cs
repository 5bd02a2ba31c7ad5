using System.Collections.Concurrent;
using Forge.Errors;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Forge.History.Sqlite;

/// <summary>A few connections that read, each for one caller at a time, beside the writer and never waiting for it.</summary>
/// <param name="path">The file.</param>
/// <param name="count">How many connections there are at the most.</param>
/// <param name="timeout">How long a read may take, with its wait for a connection.</param>
/// <param name="time">The clock.</param>
/// <param name="maps">
/// True to read the first GiB of the file where the system's cache holds it. A connection's own cache is forgotten at each commit of the writer,
/// so that it spares one little that reads many pages. The mapping is made anew after each commit too, which costs a read of a few pages more
/// than all else.
/// </param>
internal sealed class SqliteReaders(string path, int count, TimeSpan timeout, TimeProvider time, bool maps = false) : IDisposable
{
    private const string Mapped = "PRAGMA mmap_size = 1073741824";

    private readonly ConcurrentBag<SqliteDatabase> _idle = [];
    private readonly SemaphoreSlim _free = new(count);
    private volatile bool _disposed;

    /// <summary>Reads in one transaction on a thread of the pool.</summary>
    /// <exception cref="UnavailableException">The database failed, or took too long.</exception>
    public async Task<T> ReadAsync<T>(Func<SqliteDatabase, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var timer = new CancellationTokenSource(timeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            await _free.WaitAsync(stop.Token);
            try
            {
                return await Task.Run(() => Read(read, stop.Token), CancellationToken.None);
            }
            finally
            {
                _free.Release();
            }
        }
        catch (Exception exception) when (Stopped(exception))
        {
            throw cancellationToken.IsCancellationRequested
                ? new OperationCanceledException("The read was cancelled.", exception, cancellationToken)
                : new UnavailableException("The embedded database did not answer in time.", exception);
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    /// <summary>Opens a connection for a caller of its own.</summary>
    /// <exception cref="UnavailableException">That failed.</exception>
    public SqliteDatabase Open()
    {
        if (_disposed)
        {
            throw new UnavailableException("The embedded database is closed.");
        }

        try
        {
            var database = SqliteDatabase.Open(path, SqliteOpenMode.ReadOnly, timeout);
            try
            {
                if (maps)
                {
                    database.Execute(Mapped);
                }

                return database;
            }
            catch
            {
                database.Dispose();
                throw;
            }
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var database))
        {
            database.Dispose();
        }
    }

    /// <summary>True if an error is that of a read that was told to stop.</summary>
    private static bool Stopped(Exception exception) =>
        exception is OperationCanceledException or SqliteException { SqliteErrorCode: raw.SQLITE_INTERRUPT };

    private T Read<T>(Func<SqliteDatabase, T> read, CancellationToken stop)
    {
        var database = _idle.TryTake(out var idle) ? idle : Open();
        var sound = false;
        try
        {
            database.Stop = stop;
            stop.ThrowIfCancellationRequested();
            var result = SqliteTransactions.Read(database, read);
            database.Stop = default;
            sound = true;
            return result;
        }
        finally
        {
            if (sound && !_disposed)
            {
                _idle.Add(database);
            }
            else
            {
                database.Dispose();
            }
        }
    }
}
