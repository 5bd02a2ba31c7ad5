using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.History.Sqlite;

internal sealed partial class SqliteHistoryStore
{
    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await Writer.RunInTurnAsync(
                database =>
                {
                    var outcomes = Disk.Write(database, frees: true, inside => SqliteCommits.Write(inside, batch, time.GetUtcNow(), Disk));
                    _signals.Tell(batch);
                    return outcomes;
                },
                cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }

    public async Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await Writer.RunAsync(
                database =>
                {
                    // A batch is in doubt only if the log could not be overwritten then.
                    SqliteTransactions.Overwrite(database, failure: null);
                    return SqliteTransactions.Write(database, inside => SqliteCommits.FindOut(inside, batch));
                },
                cancellationToken);
        }
        catch (CommitInDoubtException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }
}
