using Forge.Benchmarks.Silos;
using Forge.Grains.History.Sqlite;
using Forge.Grains.Hosting;
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
        SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname = 'public' AND c.relname NOT LIKE 'orleans%'
        """;

    /// <summary>
    /// The bytes of a history: on PostgreSQL of all its tables, with their indexes, what is stored beside rows, and the
    /// maps of free space; on SQLite of all pages of its file, also of those that are free.
    /// </summary>
    public static Task<long> ReadAsync(SiloSettings settings) => settings.Database == ForgeDatabase.PostgreSql
        ? PostgreSqlAsync(settings.Place)
        : SqliteAsync(Path.Combine(settings.Place, SqliteHistoryStore.FileName));

    /// <summary>The bytes of all tables of a PostgreSQL database but Orleans' own.</summary>
    public static async Task<long> PostgreSqlAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Tables, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<long> SqliteAsync(string path)
    {
        await using var connection = new SqliteConnection(SqliteDatabase.ConnectionString(path, SqliteOpenMode.ReadOnly));
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
