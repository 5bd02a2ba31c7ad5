using Forge.History.Changes;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Data.Sqlite;

namespace Forge.History.Sqlite;

internal sealed partial class SqliteHistoryStore
{
    /// <summary>Enough for any file; a purge that takes more steps than this has something beside it that frees as fast.</summary>
    private const int MaxPurgeSteps = 100_000;

    public Task<SessionAddress?> ReadAddressAsync(long key, CancellationToken cancellationToken) =>
        Reader.ReadAsync(database => SqliteUpkeep.Address(database, key), cancellationToken);

    public Task<DueWork?> FindDueWorkAsync(DueWorkKind kind, long key, CancellationToken cancellationToken) =>
        Reader.ReadAsync(database => SqliteUpkeep.Find(database, kind, key), cancellationToken);

    public Task FinishWorkAsync(
        DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted, CancellationToken cancellationToken) =>
        WriteAsync(database => SqliteUpkeep.Finish(database, work, again, ifNoted), cancellationToken);

    public Task BeginWalkAsync(DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        WriteAsync(database => SqliteUpkeep.BeginWalk(database, dueAt), cancellationToken);

    public Task<IReadOnlyList<WalkedSession>> WalkAsync(long after, int limit, CancellationToken cancellationToken) =>
        Reader.ReadAsync(database => SqliteUpkeep.Sessions(database, after, limit), cancellationToken);

    public Task AdvanceWalkAsync(DueWork walk, WalkStep step, CancellationToken cancellationToken) =>
        WriteAsync(database => SqliteUpkeep.Advance(database, walk, step), cancellationToken);

    public Task<long?> TrimEventsAsync(
        long key, long after, long newest, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        SweepAsync(database => SqliteTrim.Step(database, key, after, newest, since, limit), cancellationToken);

    public async Task<bool> PurgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await EmptyAsync(cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) =>
        Writer.RunAsync(Shrink, cancellationToken);

    private async Task<bool> EmptyAsync(CancellationToken cancellationToken)
    {
        // Free pages hold what was in them, so none may stay; then the log, which holds the pages as they were.
        for (var step = 0; step < MaxPurgeSteps; step++)
        {
            if (await Writer.RunAsync(database => SqliteSpace.Shrink(database, SqliteFreeSpace.None), cancellationToken))
            {
                return await Writer.RunAsync(
                    database => SqliteSpace.CutLog(database, options.CommandTimeout), cancellationToken);
            }
        }

        return false;
    }
}
