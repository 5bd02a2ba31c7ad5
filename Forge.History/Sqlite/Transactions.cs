using Forge.History.Sql;
using Forge.History.Stores;

namespace Forge.History.Sqlite;

/// <summary>Transactions on the writing connection, and on those that read beside it.</summary>
/// <param name="writer">The writing connection.</param>
/// <param name="readers">The others.</param>
/// <param name="swept">Done after rows were removed, on the writing connection and outside a transaction.</param>
internal sealed class Transactions(Func<SqliteWriter> writer, Func<SqliteReaders> readers, Action<SqliteDatabase> swept) : ISqlDatabase
{
    public SqlDialect Dialect => Sqlite.Dialect.Instance;

    public Task<T> ReadAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        readers().ReadAsync(database => Transaction.Run(database, work, out _), cancellationToken);

    public Task<T> ChangeAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        RunAsync(work, static _ => { }, cancellationToken);

    public Task<T> SweepAsync<T>(Func<SqlTransaction, ValueTask<T>> work, CancellationToken cancellationToken) =>
        RunAsync(work, swept, cancellationToken);

    /// <summary>Of the work only the effect matters: whoever does not learn its outcome can do it once more.</summary>
    private async Task<T> RunAsync<T>(
        Func<SqlTransaction, ValueTask<T>> work, Action<SqliteDatabase> after, CancellationToken cancellationToken)
    {
        try
        {
            return await writer().RunAsync(
                database =>
                {
                    var result = SqliteTransactions.Write(database, inside => Write(inside, work));
                    after(database);
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
}
