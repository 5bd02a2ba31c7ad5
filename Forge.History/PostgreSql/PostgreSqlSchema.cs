using DbUp;
using Forge.History.Stores;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Brings the schema up to date and checks that the database is durable.</summary>
internal sealed class PostgreSqlSchema(PostgreSqlDatabase database, bool allowUnsafeDurability, ILogger logger)
{
    /// <summary>What all silos agree to lock while one of them migrates: "forge" in ASCII.</summary>
    private const long MigrationLock = 0x666F726765;

    private const string JournalTable = "schema_scripts";

    /// <summary>What the names of the scripts begin with in the journal of each database that has run them: never to be changed.</summary>
    private const string Scripts = "Forge.Grains.History.PostgreSql.Migrations.";

    /// <summary>
    /// The schema level that this binary knows, one more with every script. The scripts write theirs down, with the oldest that may
    /// still run.
    /// </summary>
    public static readonly int Level = typeof(PostgreSqlSchema).Assembly.GetManifestResourceNames()
        .Count(name => name.StartsWith(Scripts, StringComparison.Ordinal));

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
        // On a connection that commits use, since a setting can differ by database, role and connection.
        await using var connection = await database.Commits.OpenConnectionAsync(cancellationToken);
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
        await using var connection = new NpgsqlConnection(database.MigrationConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using (var command = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection))
        {
            command.Parameters.AddValue(MigrationLock);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await CheckLevelAsync(connection, cancellationToken);
        var result = await Task.Run(Upgrade, cancellationToken);
        if (!result.Successful)
        {
            throw new InvalidOperationException(
                $"The migration {result.ErrorScript?.Name} failed: {result.Error.Message}", result.Error);
        }

        foreach (var script in result.Scripts)
        {
            logger.LogInformation("Applied migration {Script}", script.Name[Scripts.Length..]);
        }
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
}
