using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Reclaiming;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Removes old events from a session's log.</summary>
internal static class Trim
{
    private const string Events = """
        SELECT e.position, e.kind, e.at, e.sequence, e.last_sequence, e.detail, e.chain,
            EXISTS (SELECT FROM annotations a
                WHERE a.session_key = e.session_key AND a.sequence = e.sequence AND a.position = e.position)
        FROM sessions s JOIN events e ON e.session_key = s.session_key
        WHERE s.session_key = $1 AND s.deleted_at IS NULL AND e.session_key = $1
            AND e.position > $2 AND e.position <= s.last_position - $3
        ORDER BY e.position LIMIT $4
        """;

    private const string Stored =
        "SELECT sequence FROM checkpoints WHERE session_key = $1 AND sequence <= $2 ORDER BY sequence LIMIT $3";

    private const string Remove = "DELETE FROM events WHERE session_key = $1 AND position = ANY ($2) RETURNING position, chain";

    /// <summary>Does a step; the position to go on after, or null where there is no more to look at.</summary>
    public static async Task<long?> StepAsync(
        NpgsqlConnection connection, long key, long after, long newest, DateTimeOffset since, int limit,
        CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (page, notes) = await ReadAsync(connection, key, after, newest, since, limit, cancellationToken);
        if (page.Count == 0)
        {
            return null;
        }

        var stored = await StoredAsync(connection, key, EventTrim.LastSequence(page), cancellationToken);
        var going = EventTrim.Going(page, new StoredFacts(stored, notes));
        if (going.Count > 0)
        {
            // What another silo has removed meanwhile is its own to leave runs for.
            var gone = await RemoveAsync(connection, key, going, cancellationToken);
            await RemovedRuns.LeaveAsync(connection, key, gone, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return page.Count == limit ? page[^1].Position : null;
    }

    private static async Task<(List<SessionEvent> Page, HashSet<(long Sequence, long Position)> Notes)> ReadAsync(
        NpgsqlConnection connection, long key, long after, long newest, DateTimeOffset since, int limit,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Events, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddValue(after);
        command.Parameters.AddValue(newest);
        command.Parameters.AddValue(limit);
        var (page, notes) = (new List<SessionEvent>(), new HashSet<(long, long)>());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken) && row.GetFieldValue<DateTimeOffset>(2) is var at && at < since)
        {
            page.Add(new SessionEvent(
                row.GetInt64(0), (SessionEventKind)row.GetInt16(1), at, row.GetInt64(3), row.GetInt64(4),
                row.IsDBNull(5) ? null : row.GetString(5), row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6)));
            if (row.GetBoolean(7))
            {
                notes.Add((row.GetInt64(3), row.GetInt64(0)));
            }
        }

        return (page, notes);
    }

    private static async Task<List<long>> StoredAsync(
        NpgsqlConnection connection, long key, long last, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Stored, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddValue(last);
        command.Parameters.AddValue(EventTrim.MostStored);
        var stored = new List<long>();
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            stored.Add(row.GetInt64(0));
        }

        return stored;
    }

    private static async Task<List<RemovedLink>> RemoveAsync(
        NpgsqlConnection connection, long key, List<SessionEvent> going, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Remove, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddColumn(going, e => e.Position);
        var gone = new List<RemovedLink>(going.Count);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            gone.Add(new RemovedLink(row.GetInt64(0), 0, 0, row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)));
        }

        return gone;
    }
}
