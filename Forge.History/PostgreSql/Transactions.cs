using System.Data;
using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Sql;
using Forge.History.Stores;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Transactions on the connections that commits and single reads do not use.</summary>
internal sealed class Transactions(PostgreSqlDatabase database) : ISqlDatabase
{
    public SqlDialect Dialect => PostgreSql.Dialect.Instance;

    // A server whose disk is full says so itself, and is not this service's to keep room on.
    public bool HasRoom => true;

    public Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        database.Reads.ReadAsync(
            (connection, token) => RunAsync(connection, IsolationLevel.RepeatableRead, work, token), cancellationToken);

    /// <remarks>No transaction is begun for it, so that it is one round trip.</remarks>
    public Task<T?> ReadOneAsync<T>(
        SqlStatement statement, Func<SqlRow, T> read, CancellationToken cancellationToken, params SqlArgument[] arguments) =>
        database.Reads.ReadAsync(
            (connection, token) => new Transaction(connection, token).ReadOneAsync(statement, read, arguments).AsTask(), cancellationToken);

    public async Task<T> ChangeAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await database.Work.ChangeAsync(
                (connection, token) => RunAsync(connection, IsolationLevel.ReadCommitted, work, token), cancellationToken);
        }
        catch (UnavailableException e)
            when (e.InnerException is PostgresException cause
                && PostgreSqlErrors.Rejection(cause) is (CommitStatus.Duplicate or CommitStatus.Refused) and { } status)
        {
            throw new BatchRejectedException(status, cause);
        }
    }

    /// <remarks>Autovacuum finds what was removed by itself.</remarks>
    public Task<T> SweepAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        ChangeAsync(work, cancellationToken);

    public async Task<ISqlSnapshot> OpenAsync(CancellationToken cancellationToken) =>
        await SqlSnapshot.OpenAsync(database, cancellationToken);

    public Task<bool> PurgeAsync(CancellationToken cancellationToken) => Vacuum.RunAsync(database, cancellationToken);

    /// <remarks>Autovacuum does that; the tables are set up for it.</remarks>
    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) => Task.FromResult(true);

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
