using System.Data;
using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Transactions on the connections that commits and single reads do not use.</summary>
internal sealed class Transactions(PostgreSqlDatabase database) : ISqlDatabase
{
    public SqlDialect Dialect => PostgreSql.Dialect.Instance;

    public Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        database.Reads.ReadAsync(
            (connection, token) => RunAsync(connection, IsolationLevel.RepeatableRead, work, token), cancellationToken);

    public Task<T> ChangeAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            (connection, token) => RunAsync(connection, IsolationLevel.ReadCommitted, work, token), cancellationToken);

    /// <remarks>Autovacuum finds what was removed by itself.</remarks>
    public Task<T> SweepAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        ChangeAsync(work, cancellationToken);

    private static async Task<T> RunAsync<T>(
        NpgsqlConnection connection, IsolationLevel isolation, Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(isolation, cancellationToken);
        var run = new Transaction(connection, cancellationToken);
        var result = await work(run);
        if (!run.IsGivenUp)
        {
            await transaction.CommitAsync(cancellationToken);
        }

        return result;
    }
}
