using System.Globalization;
using Forge.Benchmarks.Runs;
using Forge.History.PostgreSql;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Forge.Benchmarks.Searching;

/// <summary>
/// A tenant of many sessions of ten checkpoints each, whose rows are written by SQL as silos would have left them. Each millisecond one
/// checkpoint was created, in another session than the one before, so that those of one time lie all over the table.
/// </summary>
internal sealed class SearchData(IHistoryStore store, int sessions) : IAsyncDisposable
{
    /// <summary>How many checkpoints a session has.</summary>
    public const int Checkpoints = 10;

    /// <summary>When the first of them was created.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Prime to the number of sessions: what spreads them over the milliseconds.</summary>
    private const int Stride = 7919;

    public ISessionCatalog Catalog => store.Catalog;

    public int Sessions => sessions;

    public static async Task<SearchData> PostgreSqlAsync(BenchmarkRun run, int sessions)
    {
        var database = await run.PostgreSql.CreateDatabaseAsync();
        var store = new PostgreSqlHistoryStore(
            database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance);
        await store.StartAsync(CancellationToken.None);
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        foreach (var sql in Fill(
            sessions, "generate_series(1, {0}) AS i", "generate_series(1, {0}) AS i CROSS JOIN generate_series(1, {1}) AS j",
            number => $"lpad({number}::text, 7, '0')",
            milliseconds => $"timestamptz '2026-01-01 00:00:00+00' + ({milliseconds}) * interval '1 millisecond'",
            "gen_random_uuid()", "'00000000-0000-0000-0000-000000000000'", "false", tag => $"ARRAY[{tag}]", "'\\x00'::bytea").Append("VACUUM ANALYZE"))
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        }

        return new SearchData(store, sessions);
    }

    public static async Task<SearchData> SqliteAsync(BenchmarkRun run, int sessions)
    {
        var folder = run.NewFolder();
        var store = new SqliteHistoryStore(
            folder, new WriterOptions { CommandTimeout = TimeSpan.FromMinutes(10) }, allowUnsafeDurability: false, TimeProvider.System,
            NullLogger<SqliteHistoryStore>.Instance);
        await store.StartAsync(CancellationToken.None);
        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(folder, SqliteHistoryStore.FileName)};Pooling=False"))
        {
            await connection.OpenAsync();
            const string series = "WITH RECURSIVE series (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < {0})";
            foreach (var sql in Fill(
                sessions, "series", $"series CROSS JOIN ({string.Join(" UNION ALL ", Enumerable.Range(1, Checkpoints).Select(j => $"SELECT {j} AS j"))})",
                number => $"printf('%07d', {number})",
                milliseconds => string.Create(CultureInfo.InvariantCulture, $"{Start.ToUnixTimeMilliseconds() * 1000} + ({milliseconds}) * 1000"),
                "randomblob(16)", "zeroblob(16)", "0", tag => $"json_array({tag})", "zeroblob(1)"))
            {
                await using var command = connection.CreateCommand();
                var filled = string.Format(CultureInfo.InvariantCulture, series, sessions);
                command.CommandText = sql.Replace("SELECT i", $"{filled} SELECT i", StringComparison.Ordinal);
                command.CommandTimeout = 0;
                await command.ExecuteNonQueryAsync();
            }
        }

        return new SearchData(store, sessions);
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    /// <summary>The statements, each with one <c>SELECT i</c> over the sessions.</summary>
    private static IEnumerable<string> Fill(
        int sessions, string each, string eachCheckpoint, Func<string, string> padded, Func<string, string> time, string newId,
        string noId, string no, Func<string, string> tags, string bytes)
    {
        var (n, m) = (sessions.ToString(CultureInfo.InvariantCulture), Checkpoints.ToString(CultureInfo.InvariantCulture));
        var (from, fromCheckpoints) = (
            string.Format(CultureInfo.InvariantCulture, each, n), string.Format(CultureInfo.InvariantCulture, eachCheckpoint, n, m));
        var name = $"'s' || {padded("i")}";
        var active = time($"({m} - 1) * {n} + (i * {Stride} % {n})");
        var created = time($"(j - 1) * {n} + (i * {Stride} % {n})");
        var tag = $"CASE WHEN j = 5 THEN {tags("'group-' || (i / 100)")} WHEN j = 10 THEN {tags("'milestone'")} ELSE {tags("'other'")} END";
        yield return $"""
            INSERT INTO sessions (session_key, tenant, session, incarnation, version, last_batch, created_at, last_created_at, last_sequence,
                head_sequence, current_sequence, last_position, checkpoint_count, checkpoint_bytes, settings)
            SELECT i, 'default', {name}, 1, 1, {noId}, {time("0")}, {active}, {m}, {m}, {m}, {m}, {m}, {m}, NULL FROM {from}
            """;
        yield return $"INSERT INTO session_activity (session_key, tenant, active_at) SELECT i, 'default', {active} FROM {from}";
        foreach (var (label, value) in new[] { ("team", "'team-' || (i / 100)"), ("env", "CASE WHEN i % 2 = 0 THEN 'prod' ELSE 'test' END") })
        {
            yield return "INSERT INTO session_labels (session_key, name, value, tenant, session, active_at) "
                + $"SELECT i, '{label}', {value}, 'default', {name}, {active} FROM {from}";
        }

        yield return $"""
            INSERT INTO checkpoints (session_key, sequence, id, created_at, position, parent_sequence, message, tags, trigger_kind,
                content_type, size, checksum, codec, stored_size, trunk, stored)
            SELECT i, j, {newId}, {created}, j, j - 1, 'a step of it', {tag}, CASE WHEN j = 3 THEN 18 ELSE 0 END,
                'application/json', 1, {bytes}, 0, 1, {no}, {bytes} FROM {fromCheckpoints}
            """;
        foreach (var (place, value) in new[] { ("5", "'group-' || (i / 100)"), ("10", "'milestone'") })
        {
            yield return "INSERT INTO checkpoint_tags (session_key, tag, sequence, tenant, created_at) "
                + $"SELECT i, {value}, {place}, 'default', {created.Replace("j", place, StringComparison.Ordinal)} FROM {from}";
        }
    }
}
