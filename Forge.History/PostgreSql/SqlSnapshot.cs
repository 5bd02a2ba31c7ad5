using System.Data;
using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>A read-only transaction over one snapshot, and the connection it holds.</summary>
internal sealed class SqlSnapshot : ISqlSnapshot
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private SqlSnapshot(NpgsqlConnection connection, NpgsqlTransaction transaction) =>
        (_connection, _transaction) = (connection, transaction);

    public SqlDialect Dialect => PostgreSql.Dialect.Instance;

    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public static async Task<SqlSnapshot> OpenAsync(PostgreSqlDatabase database, CancellationToken cancellationToken)
    {
        var connection = await database.Work.OpenOrFailAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);

            // The first statement that reads a table makes the snapshot, so one is read here.
            await using var first = new NpgsqlCommand("SET TRANSACTION READ ONLY; SELECT level FROM schema_level", connection);
            await first.ExecuteNonQueryAsync(cancellationToken);
            var snapshot = new SqlSnapshot(connection, transaction);
            connection = null;
            return snapshot;
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    public async Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(new Transaction(_connection, cancellationToken));
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
