using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Forge.History.Sqlite;

internal sealed partial class SqliteHistoryStore
{
    public Task BeginAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken) =>
        WriteAsync(database => SqliteWork.Add(database, DueWorkKind.Staging, key, abandonedAt), cancellationToken);

    public Task StageAsync(long key, IReadOnlyList<StoredCheckpoint> checkpoints, CancellationToken cancellationToken) =>
        WriteAsync(
            database =>
            {
                SqliteStaging.Add(database, key, checkpoints);
                return true;
            },
            cancellationToken);

    public Task DiscardAsync(long key, CancellationToken cancellationToken) =>
        WriteAsync(database => SqliteStaging.Discard(database, key), cancellationToken);

    public Task<DueWork?> ClaimDueWorkAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        WriteAsync(database => SqliteWork.Claim(database, kind, owner, now, lease), cancellationToken);

    public Task<bool> DoWorkAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken) =>
        SweepAsync(database => SqliteWork.Do(database, work, limit, rememberSince), cancellationToken);

    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        SweepAsync(database => SqliteWork.ForgetRequests(database, before, limit), cancellationToken);

    /// <summary>Does work that removes rows, then gives free pages back to the file system, as far as that takes a moment.</summary>
    private async Task<T> SweepAsync<T>(Func<SqliteDatabase, T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await Writer.RunAsync(
                database =>
                {
                    var result = SqliteTransactions.Write(database, work);
                    Shrink(database);
                    return result;
                },
                cancellationToken);
        }
        catch (CommitInDoubtException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    private bool Shrink(SqliteDatabase database)
    {
        try
        {
            return SqliteSpace.Shrink(database, FreeSpace);
        }
        catch (SqliteException exception)
        {
            // What was removed is removed; only the file stays as large as it was until the next time.
            LogNotShrunk(exception);
            return true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Free pages of the embedded database could not be given back")]
    private partial void LogNotShrunk(Exception exception);
}
