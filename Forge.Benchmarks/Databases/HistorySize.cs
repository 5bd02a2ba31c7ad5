using Forge.Benchmarks.Silos;
using Forge.Grains.Hosting;
using Forge.Grains.Rules;
using Forge.History.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Forge.Benchmarks.Databases;

/// <summary>
/// What a database uses at this moment, as it is: nothing is vacuumed, packed or waited for beforehand.
/// </summary>
internal static class HistorySize
{
    // Orleans' own tables say which silos there are and hold no history.
    private const string Tables = """
        SELECT c.relname::text, pg_total_relation_size(c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname = 'public' AND c.relname NOT LIKE 'orleans%'
        """;

    /// <summary>
    /// The bytes of a history: on PostgreSQL of all its tables, with their indexes, what is stored beside rows, and the
    /// maps of free space; on SQLite of all pages of its file, also of those that are free.
    /// </summary>
    public static Task<long> ReadAsync(SiloSettings settings) => settings.Database == ForgeDatabase.PostgreSql
        ? PostgreSqlAsync(settings.Place)
        : SqliteAsync(settings.Place, "page_count");

    /// <summary>
    /// The bytes of a history that has nothing yet, to be taken off later: on SQLite without the free pages that making the
    /// tables left behind, since what is written later goes there first.
    /// </summary>
    public static Task<long> ReadEmptyAsync(SiloSettings settings) => settings.Database == ForgeDatabase.PostgreSql
        ? PostgreSqlAsync(settings.Place)
        : SqliteAsync(settings.Place, "(page_count - freelist_count)");

    /// <summary>The bytes of all tables of a PostgreSQL database but Orleans' own.</summary>
    public static async Task<long> PostgreSqlAsync(string database) => (await TablesAsync(database)).Sum(t => t.Bytes);

    /// <summary>The same by table.</summary>
    public static async Task<IReadOnlyList<(string Table, long Bytes)>> TablesAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Tables, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var tables = new List<(string, long)>();
        while (await reader.ReadAsync())
        {
            tables.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return tables;
    }

    private static async Task<long> SqliteAsync(string folder, string pages)
    {
        var path = Path.Combine(folder, SqliteHistoryStore.FileName);
        await using var connection = new SqliteConnection(SqliteDatabase.ConnectionString(path, SqliteOpenMode.ReadOnly));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {pages} * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
