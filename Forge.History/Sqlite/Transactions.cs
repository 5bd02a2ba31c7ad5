using Forge.History.Sql;
using Forge.History.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Forge.History.Sqlite;

/// <summary>Transactions on the writing connection, and on those that read beside it.</summary>
/// <param name="writer">The writing connection.</param>
/// <param name="readers">The others.</param>
/// <param name="disk">What is done when the disk is full.</param>
/// <param name="log">What keeps the log within bounds.</param>
/// <param name="frees">True if what is changed may be changed on a full disk.</param>
/// <param name="freeSpace">How much of the file may stay free.</param>
/// <param name="patience">How long a connection waits for another.</param>
/// <param name="logger">Takes what an operator should see.</param>
internal sealed partial class Transactions(
    Func<SqliteWriter> writer, Func<SqliteReaders> readers, Func<SqliteDisk> disk, Func<SqliteLog> log, bool frees,
    Func<SqliteFreeSpace> freeSpace, TimeSpan patience, ILogger logger)
    : ISqlDatabase
{
    /// <summary>Enough for any file; a purge that takes more steps than this has something beside it that frees as fast.</summary>
    private const int MaxPurgeSteps = 100_000;

    public SqlDialect Dialect => Sqlite.Dialect.Instance;

    public bool HasRoom => !disk().IsFull;

    public Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        readers().ReadAsync(database => Transaction.Run(database, work, out _), cancellationToken);

    public Task<T?> ReadOneAsync<T>(
        SqlStatement statement, Func<SqlRow, T> read, CancellationToken cancellationToken, params SqlArgument[] arguments) =>
        ReadAsync(transaction => transaction.ReadOneAsync(statement, read, arguments), cancellationToken);

    public Task<T> ChangeAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        RunAsync(work, static _ => true, cancellationToken);

    /// <remarks>Gives free pages back to the file system, as far as that takes a moment.</remarks>
    public Task<T> SweepAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        RunAsync(work, Shrink, cancellationToken);

    public async Task<ISqlSnapshot> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await Task.Run(() => SqlSnapshot.Begin(readers().Open(), log()), cancellationToken);
    }

    public async Task<bool> PurgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Free pages hold what was in them, so none may stay; then the log, which holds the pages as they were.
            for (var step = 0; step < MaxPurgeSteps; step++)
            {
                if (await writer().RunAsync(database => SqliteSpace.Shrink(database, SqliteFreeSpace.None), cancellationToken))
                {
                    return await writer().RunAsync(database => SqliteSpace.CutLog(database, patience), cancellationToken);
                }
            }

            return false;
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) => writer().RunAsync(Shrink, cancellationToken);

    /// <summary>Of the work only the effect matters: whoever does not learn its outcome can do it once more.</summary>
    private async Task<T> RunAsync<T>(
        Func<SqlTransaction, ValueTask<T>> work, Func<SqliteDatabase, bool> after, CancellationToken cancellationToken)
    {
        try
        {
            return await writer().RunAsync(
                database =>
                {
                    var result = disk().Write(database, frees, inside => Write(inside, work));
                    after(database);
                    disk().TryResume(database);
                    return result;
                },
                cancellationToken);
        }
        catch (CommitInDoubtException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    private static T Write<T>(SqliteDatabase database, Func<SqlTransaction, ValueTask<T>> work)
    {
        var result = Transaction.Run(database, work, out var isGivenUp);
        if (isGivenUp)
        {
            database.Rollback();
        }

        return result;
    }

    private bool Shrink(SqliteDatabase database)
    {
        try
        {
            return SqliteSpace.Shrink(database, freeSpace());
        }
        catch (SqliteException exception)
        {
            // What was removed is removed; only the file stays as large as it was until the next time.
            LogNotShrunk(logger, exception);
            return true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Free pages of the embedded database could not be given back")]
    private static partial void LogNotShrunk(ILogger logger, Exception exception);
}
