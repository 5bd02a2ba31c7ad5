using System.Globalization;
using DbUp;
using Forge.History.Stores;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Brings the schema up to date and checks that the database is durable.</summary>
internal sealed partial class PostgreSqlSchema(
    PostgreSqlDatabase database, bool allowUnsafeDurability, TimeProvider time, ILogger logger)
{
    /// <summary>What all silos agree to lock while one of them migrates: "forge" in ASCII.</summary>
    private const long MigrationLock = 0x666F726765;

    private const string JournalTable = "schema_scripts";

    private const string Locked = """
        FROM pg_locks l
        JOIN pg_stat_activity a ON a.pid = l.pid
        JOIN pg_class c ON c.oid = l.relation AND c.relkind = 'r'
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
        WHERE l.granted AND a.datname = current_database() AND a.pid <> pg_backend_pid()
        """;

    private const string Holders = $"""
        SELECT format(
            'process %s (%s, %s) on %s since %s', a.pid, coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(a.state, 'unknown'),
            string_agg(DISTINCT c.relname, ', '), date_trunc('second', a.xact_start))
        {Locked}
        GROUP BY a.pid, a.application_name, a.state, a.xact_start ORDER BY a.xact_start LIMIT 3
        """;

    /// <summary>True if a client that is no silo has a table locked by a transaction that goes on.</summary>
    private const string IsHeldByOthers = $"""
        SELECT EXISTS (
            SELECT 1 {Locked} AND a.backend_type = 'client backend' AND a.application_name NOT LIKE 'forge%'
                AND a.xact_start < clock_timestamp() - interval '1 second')
        """;

    /// <summary>What the names of the scripts begin with in the journal of each database that has run them: never to be changed.</summary>
    private const string Scripts = "Forge.Grains.History.PostgreSql.Migrations.";

    /// <summary>
    /// The schema level that this binary knows: the number of its last script. The scripts write theirs down, with the oldest that may
    /// still run.
    /// </summary>
    public static readonly int Level = typeof(PostgreSqlSchema).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Scripts, StringComparison.Ordinal))
        .Max(name => int.Parse(name.AsSpan(Scripts.Length, "0000".Length), CultureInfo.InvariantCulture));

    /// <summary>How long a script that did not get its locks is waited with, at first and at the most.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>Settings that a commit must have to survive a crash, and the values that do.</summary>
    private static readonly (string Name, string[] Durable)[] DurabilitySettings =
    [
        ("fsync", ["on"]),
        ("full_page_writes", ["on"]),
        ("synchronous_commit", ["on", "remote_write", "remote_apply"]),
    ];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CheckDurabilityAsync(cancellationToken);
            await MigrateAsync(cancellationToken);
            database.SchemaIsThere();
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }

    private async Task CheckDurabilityAsync(CancellationToken cancellationToken)
    {
        // On a connection with the settings of commits, since a setting can differ by database, role and connection.
        await using var connection = await database.OpenToStartAsync(cancellationToken);
        foreach (var (name, durable) in DurabilitySettings)
        {
            await using var command = new NpgsqlCommand("SELECT current_setting($1)", connection);
            command.Parameters.AddValue(name);
            var value = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
            if (durable.Contains(value))
            {
                continue;
            }

            if (!allowUnsafeDurability)
            {
                throw new UnsafeDurabilityException(name, value, durable[0]);
            }

            logger.LogWarning("The database has {Setting} = {Value}: a crash can lose acknowledged commits", name, value);
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        // The lock goes with the connection, however this ends.
        await using var connection = new NpgsqlConnection(database.StartingConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using (var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection))
        {
            command.Parameters.AddValue(MigrationLock);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await CheckLevelAsync(connection, cancellationToken);
        for (var wait = FirstWait; ; wait = wait * 2 < LongestWait ? wait * 2 : LongestWait)
        {
            var result = await Task.Run(Upgrade, cancellationToken);
            foreach (var script in result.Scripts)
            {
                LogApplied(script.Name[Scripts.Length..]);
            }

            if (result.Successful)
            {
                if (await FeedEpoch.RaiseIfForeignAsync(connection, cancellationToken) is { } epoch)
                {
                    LogFeedEpoch(epoch);
                }

                return;
            }

            var name = result.ErrorScript?.Name[Scripts.Length..] ?? "";
            if (!IsLocked(result.Error))
            {
                throw new InvalidOperationException($"The migration {name} failed: {result.Error.Message}", result.Error);
            }

            // Nothing of the script is there. Others get through before it is tried again; and a script that raises the level ends the
            // connections of the running silos each time, so that it is not tried while it cannot get on.
            LogWaits(name, await HoldersAsync(connection, cancellationToken));
            do
            {
                await Task.Delay(wait, time, cancellationToken);
            }
            while (await IsHeldByOthersAsync(connection, cancellationToken));
        }
    }

    private static bool IsLocked(Exception? exception) => exception is not null
        && (exception is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected }
            || IsLocked(exception.InnerException));

    /// <summary>Who has tables locked by transactions that have gone on for some time, the oldest first.</summary>
    private static async Task<string> HoldersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Holders, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var holders = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            holders.Add(reader.GetString(0));
        }

        return holders.Count > 0 ? string.Join("; ", holders) : "somebody who is done by now";
    }

    private static async Task<bool> IsHeldByOthersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(IsHeldByOthers, connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private DbUp.Engine.DatabaseUpgradeResult Upgrade() => DeployChanges.To
        .PostgresqlDatabase(database.MigrationConnectionString)
        .WithScriptsEmbeddedInAssembly(
            typeof(PostgreSqlSchema).Assembly, name => name.StartsWith(Scripts, StringComparison.Ordinal))
        .WithTransactionPerScript()
        .WithVariablesDisabled()
        .JournalToPostgresqlTable(null, JournalTable)
        .LogToNowhere()
        .Build()
        .PerformUpgrade();

    private static async Task CheckLevelAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('schema_level') IS NOT NULL", connection);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return;
        }

        await using var oldest = new NpgsqlCommand("SELECT oldest_level FROM schema_level", connection);
        if (await oldest.ExecuteScalarAsync(cancellationToken) is int level && level > Level)
        {
            throw new SchemaTooNewException(level, Level);
        }
    }

    [LoggerMessage(LogLevel.Information, "Applied migration {Script}")]
    private partial void LogApplied(string script);

    [LoggerMessage(
        LogLevel.Warning,
        "The database was restored into another cluster: the feeds of all tenants begin anew, with epoch {Epoch}, and older cursors are refused")]
    private partial void LogFeedEpoch(long epoch);

    [LoggerMessage(LogLevel.Warning, "Migration {Script} waits for tables that are locked, by {Holders}; it is tried again")]
    private partial void LogWaits(string script, string holders);
}
