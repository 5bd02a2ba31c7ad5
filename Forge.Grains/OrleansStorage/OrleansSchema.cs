using System.Reflection;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Forge.Grains.OrleansStorage;

/// <summary>
/// The tables and queries that Orleans' ADO.NET providers work with, in Forge's own SQL: grain storage on SQLite, grain
/// storage and clustering on PostgreSQL. Orleans ships its scripts in no package; they cannot be run twice, and let two
/// racing first writes of a grain both succeed.
/// </summary>
internal static class OrleansSchema
{
    /// <summary>The invariant by which the providers know PostgreSQL.</summary>
    public const string PostgreSqlInvariant = "Npgsql";

    /// <summary>The invariant by which the providers know SQLite; it loads Microsoft.Data.Sqlite.</summary>
    public const string SqliteInvariant = "System.Data.SQLite";

    private const int OldestPostgreSql = 15;

    // "forgeorl" in ASCII; any number will do that nothing else in the database locks.
    private const long AdvisoryLock = 0x666F7267656F726C;

    /// <summary>The connection string of the embedded database of Orleans, beside the history's in its folder.</summary>
    /// <param name="folder">The folder, which must be there.</param>
    public static string SqliteConnectionString(string folder) => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(Path.GetFullPath(folder), "orleans.db"),
        DefaultTimeout = 5,
    }.ToString();

    /// <summary>
    /// Makes what is missing on PostgreSQL and brings the queries up to date, in one transaction. Silos that start at
    /// once wait for one another.
    /// </summary>
    /// <exception cref="DatabaseTooOldException">The server is older than PostgreSQL 15.</exception>
    public static async Task EnsurePostgreSqlAsync(string connectionString, CancellationToken cancellationToken)
    {
        var address = ServerAddress.Of(connectionString);
        address.Pooling = false;
        await using var connection = new NpgsqlConnection(address.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        if (connection.PostgreSqlVersion.Major < OldestPostgreSql)
        {
            throw new DatabaseTooOldException(connection.PostgreSqlVersion.ToString(), OldestPostgreSql);
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = new NpgsqlCommand("SELECT pg_advisory_xact_lock(@key)", connection, transaction))
        {
            command.Parameters.AddWithValue("key", AdvisoryLock);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var command = new NpgsqlCommand(await ReadAsync("PostgreSql.Tables.sql", cancellationToken), connection, transaction))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        foreach (var (key, text) in await QueriesAsync("PostgreSql", cancellationToken))
        {
            await using var command = new NpgsqlCommand(
                """
                INSERT INTO orleansquery (querykey, querytext) VALUES (@key, @text)
                ON CONFLICT (querykey) DO UPDATE SET querytext = excluded.querytext
                WHERE orleansquery.querytext <> excluded.querytext
                """, connection, transaction);
            command.Parameters.AddWithValue("key", key);
            command.Parameters.AddWithValue("text", text);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Makes what is missing on SQLite, in WAL mode, and brings the queries up to date.</summary>
    /// <param name="folder">The folder, which must be there and belong to this process alone.</param>
    /// <param name="allowUnsafeDurability">True to take a database that may lose what it acknowledged.</param>
    /// <param name="cancellationToken">Cancels between two statements.</param>
    /// <exception cref="UnsafeDurabilityException">The provider's connections would not sync what they commit.</exception>
    public static async Task EnsureSqliteAsync(string folder, bool allowUnsafeDurability, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(SqliteConnectionString(folder));
        await connection.OpenAsync(cancellationToken);
        await ExpectAsync(connection, "journal_mode", "PRAGMA journal_mode = WAL", allowUnsafeDurability, "wal");

        // The provider opens its own connections, which no pragma of ours reaches: the library's default has to be right.
        await ExpectAsync(connection, "synchronous", "PRAGMA synchronous", allowUnsafeDurability, "2", "3");

        await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = new SqliteCommand(await ReadAsync("Sqlite.Tables.sql", cancellationToken), connection, transaction))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        foreach (var (key, text) in await QueriesAsync("Sqlite", cancellationToken))
        {
            await using var command = new SqliteCommand(
                """
                INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES (@key, @text)
                ON CONFLICT DO UPDATE SET QueryText = excluded.QueryText
                """, connection, transaction);
            command.Parameters.AddWithValue("@key", key);
            command.Parameters.AddWithValue("@text", text);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExpectAsync(
        SqliteConnection connection, string setting, string sql, bool allowUnsafeDurability, params string[] safe)
    {
        await using var command = new SqliteCommand(sql, connection);
        var value = Convert.ToString(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
        if (!allowUnsafeDurability && !safe.Contains(value))
        {
            throw new UnsafeDurabilityException(setting, value, string.Join(" or ", safe));
        }
    }

    private static async Task<IReadOnlyList<(string Key, string Text)>> QueriesAsync(
        string database, CancellationToken cancellationToken)
    {
        var prefix = $"{database}.Queries.";
        var start = $"{typeof(OrleansSchema).Namespace}.{prefix}";
        List<(string, string)> queries = [];
        foreach (var name in Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => n.StartsWith(start, StringComparison.Ordinal)))
        {
            var key = name[start.Length..^".sql".Length];
            queries.Add((key, await ReadAsync($"{prefix}{key}.sql", cancellationToken)));
        }

        return queries;
    }

    private static async Task<string> ReadAsync(string name, CancellationToken cancellationToken)
    {
        await using var stream = typeof(OrleansSchema).Assembly.GetManifestResourceStream(typeof(OrleansSchema), name)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {name}.");
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
