using System.Globalization;
using Forge.Benchmarks.Runs;
using Forge.Catalog;
using Forge.Client;
using Npgsql;

namespace Forge.Benchmarks.Sessions;

/// <summary>Sessions with one checkpoint each, written by one statement instead of a million calls.</summary>
internal static class ManySessions
{
    private const int Page = 100;

    private const string Fill = """
        INSERT INTO sessions (session_key, tenant, session, incarnation, version, last_batch, created_at, last_created_at,
            last_sequence, head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes)
        SELECT i + 1, 'default', 'many-' || lpad(i::text, 8, '0'), 1, 1, gen_random_uuid(), now(), now(), 1, 1, 1, 1, 1, 16
        FROM generate_series(0, $1::bigint - 1) AS g (i);
        """;

    private const string FillCheckpoints = """
        INSERT INTO checkpoints (session_key, sequence, id, created_at, position, parent_sequence, message, tags, trigger_kind,
            content_type, size, checksum, codec, stored_size, trunk, stored)
        SELECT i + 1, 1, gen_random_uuid(), now(), 1, 0, 'step 0', '{}', 0, 'application/octet-stream', 16, sha256(s), 0, 16, false, s
        FROM generate_series(0, $1::bigint - 1) AS g (i), LATERAL (SELECT decode(lpad(i::text, 32, '0'), 'hex') AS s) AS x
        """;

    public static string Name(long number) => string.Create(CultureInfo.InvariantCulture, $"many-{number:00000000}");

    public static async Task FillAsync(NpgsqlConnection connection, int count)
    {
        foreach (var sql in new[]
        {
            Fill, FillCheckpoints, "SELECT setval('session_keys', $1::bigint + 64)",
        })
        {
            await using var command = new NpgsqlCommand(sql, connection)
            {
                CommandTimeout = 0,
                Parameters = { new NpgsqlParameter<long> { TypedValue = count } },
            };
            await command.ExecuteNonQueryAsync();
        }

        // What autovacuum would do in time; and the writes of the filling must not fall into the rounds.
        await using var settle = new NpgsqlCommand("VACUUM ANALYZE", connection) { CommandTimeout = 0 };
        await settle.ExecuteNonQueryAsync();
        await using var flush = new NpgsqlCommand("CHECKPOINT", connection) { CommandTimeout = 0 };
        await flush.ExecuteNonQueryAsync();
    }

    /// <summary>Reads the first page of the sessions whose names begin like a session's, but for its last two digits.</summary>
    public static async Task ListAsync(TenantHandle tenant, long number)
    {
        var page = await tenant.ListSessionsAsync(new SessionQuery { Prefix = Name(number)[..^2], Limit = Page });
        if (page.Items.Count != Page)
        {
            throw new ValidationException("sessions.page", $"{page.Items.Count} sessions begin like {Name(number)}, not {Page}");
        }
    }

    public static async Task ValidateAsync(NpgsqlConnection connection, string side, long expected)
    {
        await using var command = new NpgsqlCommand("SELECT sum(checkpoint_count)::bigint, (SELECT count(*) FROM checkpoints) FROM sessions", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        if (reader.GetInt64(0) != expected || reader.GetInt64(1) != expected)
        {
            throw new ValidationException(side, $"there are {reader.GetInt64(1)} checkpoints, not {expected}");
        }
    }
}
