using Forge.History.Sql;
using Microsoft.Data.Sqlite;

namespace Forge.History.Sqlite;

/// <summary>A connection of its own with a reading transaction that stays open.</summary>
internal sealed class SqlSnapshot : ISqlSnapshot
{
    private readonly SqliteDatabase _database;

    private SqlSnapshot(SqliteDatabase database) => _database = database;

    public SqlDialect Dialect => Sqlite.Dialect.Instance;

    /// <param name="database">The connection; the snapshot disposes of it.</param>
    /// <exception cref="Errors.UnavailableException">The database failed.</exception>
    public static SqlSnapshot Begin(SqliteDatabase database)
    {
        try
        {
            // The first read makes the snapshot, so one is read here.
            database.Prepare("BEGIN").Execute();
            database.Prepare("SELECT level FROM schema_level").Scalar();
            return new SqlSnapshot(database);
        }
        catch (SqliteException exception)
        {
            database.Dispose();
            throw SqliteFailures.Unavailable(exception);
        }
    }

    public async Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => Transaction.Run(_database, work, out _), cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    public ValueTask DisposeAsync()
    {
        // Closing the connection ends its transaction.
        _database.Dispose();
        return ValueTask.CompletedTask;
    }
}
