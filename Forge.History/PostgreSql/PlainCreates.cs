using Forge.History.Changes;
using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// The batch that nearly all are: plain creates in sessions that are there already, all of which pass the fence. What
/// <see cref="HeadFence"/> does, for a dozen rows at three quarters of the cost: nothing is kept aside to tell those that passed
/// from the others, since with one that does not pass the whole statement fails and changes nothing.
/// </summary>
internal static class PlainCreates
{
    // Dividing by zero is what fails the statement: plain SQL has no other way to. The zero is a parameter less itself,
    // which the planner does not work out beforehand.
    private static readonly CheckpointStatement Sql = new(insert => new SqlStatement(
        $"""
        WITH moved AS (
            UPDATE sessions s SET ({SentHeads.IntoByCreates}) = ROW ({SentHeads.ValuesByCreates})
            FROM ({SentHeads.OfCreates.Rows}) i
            WHERE s.session_key = i.session_key AND s.version = i.expected
            RETURNING 1
        ), fed AS (
            {FeedInsert.Into} SELECT {FeedInsert.Rows}
        )
        {insert.Into} {insert.SelectPlain}
        WHERE CASE WHEN (SELECT count(*) FROM moved) = @count THEN true ELSE 1 / (@count - @count) = 0 END
        """,
        Dialect.Instance.Prefix,
        [SentHeads.Batch, "count", .. SentHeads.OfCreates.Parameters, .. insert.Plain.Parameters, .. FeedInsert.Parameters]));

    /// <summary>True if a batch is nothing but plain creates in sessions that are there.</summary>
    public static bool Are(CommitBatch batch) => batch.Commits.All(c => c.IsPlain);

    /// <summary>
    /// Writes the batch in one round trip and one transaction; head rows that are locked elsewhere are waited for. False
    /// if some head has another version or is not there: then nothing was written.
    /// </summary>
    public static async Task<bool> TryWriteAsync(NpgsqlConnection connection, CommitBatch batch)
    {
        await using var command = Command(connection, batch);
        try
        {
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            return false;
        }
    }

    /// <summary>The statement for a batch.</summary>
    internal static NpgsqlCommand Command(NpgsqlConnection? connection, CommitBatch batch)
    {
        var rows = CheckpointInsert.Rows(batch.Commits);
        var (text, insert) = Sql.For(CheckpointInsert.AreTraced(rows));
        var command = new NpgsqlCommand(text, connection);
        var parameters = command.Parameters;
        parameters.AddValue(batch.Id);
        parameters.AddValue((long)batch.Commits.Count);
        SentHeads.OfCreates.AddArrays(parameters, SentHeads.Of(batch));
        insert.Plain.AddArrays(parameters, rows);
        FeedInsert.AddArrays(parameters, batch);
        return command;
    }
}
