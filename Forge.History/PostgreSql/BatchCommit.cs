using Forge.History.Changes;
using Forge.History.Stores;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Writes batches, and finds out what became of those whose answer never came.</summary>
internal sealed class BatchCommit(PostgreSqlDatabase database)
{
    private static readonly CommitOutcome Committed = new(CommitStatus.Committed);

    private readonly BatchesInDoubt _inDoubt = new();

    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (batch.Commits.Count == 0)
        {
            return [];
        }

        await using var connection = await database.Commits.OpenOrFailAsync(cancellationToken);
        var process = connection.ProcessID;
        try
        {
            return await WriteAsync(connection, batch, skipLocked: false);
        }
        catch (PostgresException e) when (PostgreSqlErrors.IsLockTimeout(e))
        {
            // Nothing was written, and it is known that some row is held: the others go without it.
            return await WriteAgainAsync(connection, batch, process);
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, CancellationToken.None))
        {
            throw Translate(e, batch, process);
        }
    }

    public async Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Commits.Count == 0)
        {
            return [];
        }

        if (_inDoubt.TryFind(batch.Id, out var process))
        {
            await database.Commits.ReadAsync(
                (connection, token) => LostBackend.EndAsync(connection, process, database, token), cancellationToken);
        }

        var found = await database.Commits.ReadAsync(
            (connection, token) => HeadProbe.ReadAsync(connection, batch, database, token), cancellationToken);
        _inDoubt.Remove(batch.Id);
        return found;
    }

    private async Task<IReadOnlyList<CommitOutcome>> WriteAgainAsync(
        NpgsqlConnection connection, CommitBatch batch, int process)
    {
        try
        {
            return await WriteAsync(connection, batch, skipLocked: true);
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, CancellationToken.None))
        {
            throw Translate(e, batch, process);
        }
    }

    private Exception Translate(Exception e, CommitBatch batch, int process)
    {
        if (PostgreSqlErrors.IsRolledBack(e))
        {
            return PostgreSqlErrors.Rejection((PostgresException)e) is { } status
                ? new BatchRejectedException(status, e)
                : PostgreSqlErrors.Unavailable(e);
        }

        _inDoubt.Add(batch.Id, process);
        return new CommitInDoubtException(e);
    }

    /// <summary>
    /// One round trip and one transaction, which the statements of one batch are without saying so. Not to be cancelled:
    /// once it is sent, nobody could tell what became of it.
    /// </summary>
    private static async Task<IReadOnlyList<CommitOutcome>> WriteAsync(
        NpgsqlConnection connection, CommitBatch batch, bool skipLocked)
    {
        if (!skipLocked && PlainCreates.Are(batch))
        {
            if (LoneCreates.Are(batch))
            {
                return await LoneCreates.WriteAsync(connection, batch);
            }

            if (await PlainCreates.TryWriteAsync(connection, batch))
            {
                return [.. batch.Commits.Select(_ => Committed)];
            }
        }

        // What is taken over has to be looked at before it is committed, so these rare batches commit by themselves.
        var changes = SessionChanges.Of(batch);
        await using var transaction = changes.Staged.Count > 0 ? await connection.BeginTransactionAsync(CancellationToken.None) : null;

        await using var statements = new NpgsqlBatch(connection, transaction);
        statements.BatchCommands.Add(HeadFence.Command(batch, skipLocked));
        changes.AddTo(statements);
        var (outcomes, takenOver) = await ExecuteAsync(statements, batch, changes.Staged.Count > 0);
        if (transaction is null)
        {
            return outcomes;
        }

        foreach (var (commit, outcome) in batch.Commits.Zip(outcomes))
        {
            if (outcome.Status == CommitStatus.Committed && changes.Staged.TryGetValue(commit.Head.Key, out var staged)
                && !takenOver.Contains(staged.Key))
            {
                await transaction.RollbackAsync(CancellationToken.None);
                throw new BatchRejectedException(CommitStatus.Refused, new InvalidOperationException(
                    $"The rows staged under key {staged.Key} are gone or are being removed."));
            }
        }

        await transaction.CommitAsync(CancellationToken.None);
        return outcomes;
    }

    private static async Task<(List<CommitOutcome> Outcomes, HashSet<long> TakenOver)> ExecuteAsync(
        NpgsqlBatch statements, CommitBatch batch, bool staged)
    {
        var outcomes = new List<CommitOutcome>(batch.Commits.Count);
        var takenOver = new HashSet<long>();
        await using var reader = await statements.ExecuteReaderAsync(CancellationToken.None);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            outcomes.Add(reader.GetInt16(0) switch
            {
                HeadFence.Passed => Committed,
                HeadFence.LockedElsewhere => new(CommitStatus.Locked),
                _ => new(CommitStatus.Conflict),
            });
        }

        if (staged && await reader.NextResultAsync(CancellationToken.None))
        {
            while (await reader.ReadAsync(CancellationToken.None))
            {
                takenOver.Add(reader.GetInt64(0));
            }
        }

        // The statement is answered before the transaction is committed. The end of the answer is what says that it was.
        while (await reader.NextResultAsync(CancellationToken.None))
        {
        }

        return (outcomes, takenOver);
    }
}
