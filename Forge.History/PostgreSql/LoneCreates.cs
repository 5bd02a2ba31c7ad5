using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Sql;
using Forge.History.Tables;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// The batch of very few callers: one plain create each (<see cref="PlainCreates"/>), with a statement of plain values for
/// each, whose start costs the server far less than that of one over arrays. Each has a row of its own in the feed, for the same reason.
/// </summary>
internal static class LoneCreates
{
    /// <summary>With more than these, one statement over arrays costs less than a statement for each.</summary>
    private const int Most = 4;

    private static readonly CheckpointStatement Sql = new(insert => new SqlStatement(
        $"""
        WITH moved AS (
            UPDATE sessions SET ({SentHeads.IntoByCreates}) = ROW ({SentHeads.ValuesByOne})
            WHERE session_key = @head_session_key AND version = @head_expected
            RETURNING 1
        ), fed AS (
            {FeedInsert.Into} SELECT {FeedInsert.Values} FROM moved
        )
        {insert.Into} SELECT {insert.ValuesPlain} FROM moved
        """,
        Dialect.Instance.Prefix,
        [SentHeads.Batch, .. SentHeads.OfCreates.Parameters, .. insert.Plain.Parameters, .. FeedInsert.Parameters]));

    /// <summary>True if a batch of plain creates is a few commits of one each.</summary>
    public static bool Are(CommitBatch batch) => batch.Commits.Count <= Most && batch.Commits.All(c => c.CreateCount == 1);

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
            // No row is inserted if none was moved on: the head has another version, or is not there.
            outcomes[i] = new(statements.BatchCommands[i].RecordsAffected == 1 ? CommitStatus.Committed : CommitStatus.Conflict);
        }

        return outcomes;
    }

    /// <summary>The statement for one of the commits.</summary>
    internal static NpgsqlBatchCommand Command(SessionCommit commit, Guid batch)
    {
        var row = ((Created)commit.Changes[0]).Row;
        var (text, insert) = Sql.For(row.Trace is not null);
        var command = new NpgsqlBatchCommand(text);
        command.Parameters.AddValue(batch);
        SentHeads.OfCreates.AddValues(command.Parameters, new HeadMove(commit, batch));
        insert.Plain.AddValues(command.Parameters, new(commit.Head.Key, row));
        FeedInsert.AddValues(command.Parameters, commit);
        return command;
    }
}
