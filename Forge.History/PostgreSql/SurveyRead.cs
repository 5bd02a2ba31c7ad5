using Forge.History.Retention;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>What a retention policy keeps, told by one statement; the rows that go are counted and not sent.</summary>
internal static class SurveyRead
{
    private static readonly string Sql = $"""
        WITH visible AS MATERIALIZED (
            SELECT c.sequence, c.parent_sequence, c.size, c.stored_size,
                CASE WHEN row_number() OVER (ORDER BY c.sequence DESC) <= $3 THEN {(int)SurvivalReasons.Recent} ELSE 0 END
                | CASE WHEN c.tags && $4 THEN {(int)SurvivalReasons.Tagged} ELSE 0 END
                | CASE WHEN c.created_at > $5 THEN {(int)SurvivalReasons.Young} ELSE 0 END
                | CASE WHEN c.sequence = s.head_sequence THEN {(int)SurvivalReasons.Head} ELSE 0 END
                | CASE WHEN c.sequence = s.current_sequence THEN {(int)SurvivalReasons.Current} ELSE 0 END AS reasons,
                c.trunk
            FROM sessions s
            {Visibility.RemovedJoin}
            JOIN checkpoints c ON c.session_key = s.session_key AND {Visibility.OfMany}
            WHERE s.tenant = $1 AND s.session = $2
        ), judged AS MATERIALIZED (
            SELECT v.sequence, v.parent_sequence, v.size, v.stored_size,
                v.reasons | CASE
                    WHEN v.trunk OR v.sequence IN (SELECT k.parent_sequence FROM visible k) THEN 0
                    ELSE {(int)SurvivalReasons.Tip} END AS reasons
            FROM visible v
        ), totals AS (
            SELECT count(*) AS number, coalesce(sum(stored_size), 0)::bigint AS stored_bytes,
                coalesce(sum(size), 0)::bigint AS bytes
            FROM judged
        )
        SELECT s.version, s.last_sequence,
            t.number, t.stored_bytes, t.bytes,
            k.sequence, k.parent_sequence, k.size, k.stored_size, k.reasons,
            k.sequence IN (SELECT g.parent_sequence FROM judged g WHERE g.reasons = 0)
        FROM sessions s CROSS JOIN totals t LEFT JOIN judged k ON k.reasons <> 0
        WHERE s.tenant = $1 AND s.session = $2
        ORDER BY k.sequence
        """;

    public static async Task<Versioned<CompactionSurvey>> ReadAsync(
        NpgsqlConnection connection, SessionAddress address, RetentionPolicy policy, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        HistoryReads.AddAddress(command, address);
        command.Parameters.AddValue((long)(policy.KeepRecent ?? 0));
        command.Parameters.AddValue(policy.KeepTags?.ToArray() ?? []);
        command.Parameters.AddValue(Cutoff(policy.KeepYoungerThan, now));

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (version, survey) = (0L, new CompactionSurvey(0, 0, 0, 0, [], []));
        var (survivors, trunks) = (new List<Survivor>(), new List<long>());
        while (await reader.ReadAsync(cancellationToken))
        {
            version = reader.GetInt64(0);
            survey = new(reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), survivors, trunks);
            if (reader.IsDBNull(5))
            {
                continue;
            }

            survivors.Add(new(
                reader.GetInt64(5), reader.GetInt64(6), reader.GetInt32(7), reader.GetInt32(8), (SurvivalReasons)reader.GetInt32(9)));
            if (reader.GetBoolean(10))
            {
                trunks.Add(reader.GetInt64(5));
            }
        }

        return new(version, survey);
    }

    /// <summary>What is created later than this is young; the end of time where no age is kept.</summary>
    private static DateTimeOffset Cutoff(TimeSpan? age, DateTimeOffset now) =>
        age is not { } kept ? DateTimeOffset.MaxValue
        : kept.Ticks >= now.UtcTicks ? DateTimeOffset.MinValue
        : now - kept;
}
