using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>
/// The batch of a caller who is alone: one create of one session that is there already. What <see cref="HeadFence"/> does,
/// with values in the place of arrays, which the server plans and runs in about half the time.
/// </summary>
internal static class SingleCreate
{
    private const int HeadParameters = 17;

    private static readonly string Sql = $"""
        WITH moved AS (
            UPDATE sessions SET version = $3 + 1, last_batch = $1, incarnation = $4, created_at = $5, last_created_at = $6,
                last_sequence = $7, head_sequence = $8, current_sequence = $9, last_position = $10, checkpoint_count = $11,
                checkpoint_bytes = $12, settings = $13, origin_key = $14, origin_sequence = $15, chain = $16, deleted_at = $17
            WHERE session_key = $2 AND version = $3
            RETURNING session_key
        )
        {CheckpointInsert.Into} SELECT m.session_key, {CheckpointInsert.Values(HeadParameters + 1)} FROM moved m
        """;

    /// <summary>True where a commit is nothing but a create in a session that is there.</summary>
    public static bool Is(SessionCommit commit) =>
        commit is
        {
            ExpectedVersion: > 0, StagedKey: 0, Creates: [{ Tags.Count: 0 }],
            TagChanges.Count: 0, Annotations.Count: 0, Deletes.Count: 0, Removals.Count: 0, Trunks.Count: 0,
            Events.Count: 0, Requests.Count: 0, DueWork.Count: 0,
        };

    /// <summary>
    /// Writes the commit, in one statement that is its own transaction; false, and nothing is written, where the head row
    /// has another version or is not there.
    /// </summary>
    public static async Task<bool> WriteAsync(NpgsqlConnection connection, SessionCommit commit, Guid batch)
    {
        var head = commit.Head;
        await using var command = new NpgsqlCommand(Sql, connection);
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
        CheckpointInsert.AddValues(parameters, commit.Creates[0]);
        return await command.ExecuteNonQueryAsync(CancellationToken.None) == 1;
    }
}
