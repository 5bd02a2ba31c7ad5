using Forge.Grains.Integrity;
using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>Removes old events of a session's log, in the caller's transaction.</summary>
internal static class EventTrim
{
    private const int PageEvents = 500;

    private const string Events = """
        SELECT e.position, e.kind, e.at, e.sequence, e.last_sequence, e.detail, e.chain
        FROM sessions s JOIN events e ON e.session_key = s.session_key
        WHERE s.session_key = $1 AND s.deleted_at IS NULL AND e.position > $2 AND e.position <= s.last_position - $3
        ORDER BY e.position LIMIT $4
        """;

    private const string Needed = """
        SELECT NOT ($7 AND EXISTS (
                SELECT FROM events n WHERE n.session_key = $1 AND n.kind = 5 AND n.sequence = $5 AND n.position > $6
                    AND NOT EXISTS (SELECT FROM events i WHERE i.session_key = $1 AND i.kind = 7)))
            AND (EXISTS (
            SELECT FROM unnest($2::bigint[], $3::bigint[]) AS r (first, last)
            CROSS JOIN LATERAL (
                SELECT FROM checkpoints c
                WHERE c.session_key = $1 AND c.sequence >= r.first AND c.sequence <= r.last LIMIT 1) c)
            OR ($4 AND EXISTS (SELECT FROM annotations a WHERE a.session_key = $1 AND a.sequence = $5 AND a.position = $6)))
        """;

    private const string Remove =
        "DELETE FROM events WHERE session_key = $1 AND position = ANY ($2) RETURNING position, chain";

    public static async Task<bool> StepAsync(
        NpgsqlConnection connection, long key, long newest, DateTimeOffset since, int limit, CancellationToken cancellationToken)
    {
        var (going, after, ended) = (new List<long>(), 0L, false);
        while (!ended && going.Count < limit)
        {
            var page = await ReadAsync(connection, key, after, newest, cancellationToken);
            ended = page.Count < PageEvents;
            foreach (var happened in page)
            {
                if (happened.At >= since || going.Count == limit)
                {
                    ended |= going.Count < limit;
                    break;
                }

                after = happened.Position;
                if (!await IsNeededAsync(connection, key, happened, cancellationToken))
                {
                    going.Add(happened.Position);
                }
            }
        }

        if (going.Count > 0)
        {
            await RemovedRuns.LeaveAsync(
                connection, key, await RemoveAsync(connection, key, going, cancellationToken), cancellationToken);
        }

        return going.Count < limit;
    }

    private static async Task<List<SessionEvent>> ReadAsync(
        NpgsqlConnection connection, long key, long after, long newest, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Events, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddValue(after);
        command.Parameters.AddValue(newest);
        command.Parameters.AddValue(PageEvents);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var page = new List<SessionEvent>();
        while (await reader.ReadAsync(cancellationToken))
        {
            page.Add(await PostgreSqlStoredSession.EventAsync(reader));
        }

        return page;
    }

    private static async Task<bool> IsNeededAsync(
        NpgsqlConnection connection, long key, SessionEvent happened, CancellationToken cancellationToken)
    {
        var needs = EventNeeds.Of(happened);
        if (needs.Always || (!needs.Annotation && needs.Checkpoints.Count == 0))
        {
            return needs.Always;
        }

        await using var command = new NpgsqlCommand(Needed, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddColumn(needs.Checkpoints, r => r.First);
        command.Parameters.AddColumn(needs.Checkpoints, r => r.Last);
        command.Parameters.AddValue(needs.Annotation);
        command.Parameters.AddValue(happened.Sequence);
        command.Parameters.AddValue(happened.Position);
        command.Parameters.AddValue(needs.UnlessTaggedAgain);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Removes events; answers those that were there, which another silo may have removed.</summary>
    private static async Task<List<RemovedLink>> RemoveAsync(
        NpgsqlConnection connection, long key, List<long> positions, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Remove, connection);
        command.Parameters.AddValue(key);
        command.Parameters.AddValue(positions.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var links = new List<RemovedLink>();
        while (await reader.ReadAsync(cancellationToken))
        {
            links.Add(new RemovedLink(
                reader.GetInt64(0), 0, 0, reader.IsDBNull(1) ? null : reader.GetFieldValue<byte[]>(1)));
        }

        return links;
    }
}
