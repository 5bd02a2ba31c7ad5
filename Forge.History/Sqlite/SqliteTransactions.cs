using Forge.History.Stores;
using Microsoft.Data.Sqlite;

namespace Forge.History.Sqlite;

/// <summary>Work in one transaction, which is over when the work is, whatever happens.</summary>
internal static class SqliteTransactions
{
    /// <summary>Does work in a writing transaction and commits it, unless it rolled back itself.</summary>
    /// <exception cref="BatchRejectedException">It was rolled back because of what was written.</exception>
    /// <exception cref="Errors.UnavailableException">It was rolled back because of the database.</exception>
    /// <exception cref="CommitInDoubtException">It is rolled back here and now, and a crash may bring it back.</exception>
    public static T Write<T>(SqliteDatabase database, Func<SqliteDatabase, T> work)
    {
        Begin(database, "BEGIN IMMEDIATE");
        T result;
        try
        {
            result = work(database);
        }
        catch (Exception exception)
        {
            RollBack(database, exception);
            throw SqliteFailures.RolledBack(exception);
        }

        try
        {
            // Work that gave itself up has rolled back.
            if (database.InTransaction)
            {
                database.Prepare("COMMIT").Execute();
            }
        }
        catch (SqliteException exception)
        {
            RollBack(database, exception);
            if (SqliteFailures.MayHaveReachedTheDisk(exception))
            {
                Overwrite(database, exception);
            }

            throw SqliteFailures.Unavailable(exception);
        }

        return result;
    }

    /// <summary>Does reading in a transaction, so that all its statements see one instant.</summary>
    /// <exception cref="SqliteException">SQLite failed; the connection is better not used again.</exception>
    public static T Read<T>(SqliteDatabase database, Func<SqliteDatabase, T> work)
    {
        database.Prepare("BEGIN").Execute();
        try
        {
            return work(database);
        }
        finally
        {
            database.Rollback();
        }
    }

    /// <summary>
    /// Commits something else in the place in the log where a failed commit was being written. The failed one is rolled
    /// back in memory, but its frames may lie whole in the log, and recovery after a crash would take them for a commit.
    /// Only when they are overwritten is it true that nothing was written.
    /// </summary>
    /// <exception cref="CommitInDoubtException">That failed too.</exception>
    public static void Overwrite(SqliteDatabase database, Exception? failure)
    {
        try
        {
            Begin(database, "BEGIN IMMEDIATE");
            database.Prepare("UPDATE session_keys SET next = next + 1").Execute();
            database.Prepare("COMMIT").Execute();
        }
        catch (Exception exception) when (exception is SqliteException or Errors.UnavailableException)
        {
            var cause = failure is null ? exception : new AggregateException(failure, exception);
            RollBack(database, cause);
            throw new CommitInDoubtException(cause);
        }
    }

    private static void Begin(SqliteDatabase database, string statement)
    {
        try
        {
            // Only if rolling back the one before has failed.
            database.Rollback();
            database.Prepare(statement).Execute();
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    private static void RollBack(SqliteDatabase database, Exception failure)
    {
        try
        {
            database.Rollback();
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(new AggregateException(failure, exception));
        }
    }
}
