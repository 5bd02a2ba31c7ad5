using Forge.Grains.Integrity;
using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>
/// The batch of very few callers: one plain create each (<see cref="PlainCreates"/>), with a statement of plain values for
/// each, whose start costs the server far less than that of one over arrays.
/// </summary>
internal static class LoneCreates
{
    /// <summary>With more than these, one statement over arrays costs less than a statement for each.</summary>
    private const int Most = 4;

    private const int HeadParameters = 18;

    private static readonly string Sql = $"""
        WITH moved AS (
            UPDATE sessions SET version = $3 + 1, last_batch = $1, incarnation = $4, created_at = $5, last_created_at = $6,
                last_sequence = $7, head_sequence = $8, current_sequence = $9, last_position = $10, checkpoint_count = $11,
                checkpoint_bytes = $12, settings = $13, origin_key = $14, origin_sequence = $15, chain = $16, deleted_at = $17,
                seal = $18
            WHERE session_key = $2 AND version = $3
            RETURNING session_key
        )
        {CheckpointInsert.Into} SELECT m.session_key, {CheckpointInsert.Values(HeadParameters + 1)} FROM moved m
        """;

    /// <summary>True where a batch of plain creates is a few commits of one each.</summary>
    public static bool Are(CommitBatch batch)
    {
        if (batch.Commits.Count > Most)
        {
            return false;
        }

        foreach (var commit in batch.Commits)
        {
            if (commit.Creates.Count > 1)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes the batch in one round trip and one transaction; head rows that are locked elsewhere are waited for.</summary>
    public static async Task<IReadOnlyList<CommitOutcome>> WriteAsync(NpgsqlConnection connection, CommitBatch batch)
    {
        await using var statements = new NpgsqlBatch(connection);
        foreach (var commit in batch.Commits)
        {
            statements.BatchCommands.Add(Command(commit, batch.Id));
        }

        await statements.ExecuteNonQueryAsync(CancellationToken.None);
        var outcomes = new CommitOutcome[batch.Commits.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            // No row is inserted where none was moved on: the head has another version, or is not there.
            outcomes[i] = new(statements.BatchCommands[i].RecordsAffected == 1 ? CommitStatus.Committed : CommitStatus.Conflict);
        }

        return outcomes;
    }

    private static NpgsqlBatchCommand Command(SessionCommit commit, Guid batch)
    {
        var head = commit.Head;
        var command = new NpgsqlBatchCommand(Sql);
        var parameters = command.Parameters;
        parameters.AddValue(batch);
        parameters.AddValue(head.Key);
        parameters.AddValue(commit.ExpectedVersion);
        parameters.AddValue(head.Incarnation);
        parameters.AddValue(head.CreatedAt);
        parameters.AddValue(head.LastCreatedAt);
        parameters.AddValue(head.LastSequence);
        parameters.AddValue(head.Head);
        parameters.AddValue(head.Current);
        parameters.AddValue(head.LastPosition);
        parameters.AddValue(head.Count);
        parameters.AddValue(head.Bytes);
        parameters.AddValue(head.Settings);
        parameters.AddValue(head.OriginKey);
        parameters.AddValue(head.OriginSequence);
        parameters.AddValue(head.Chain);
        parameters.AddValue(head.DeletedAt);
        parameters.AddValue(RowSeal.OfHead(commit.Address, head, batch));
        CheckpointInsert.AddValues(parameters, commit.Creates[0]);
        return command;
    }
}
