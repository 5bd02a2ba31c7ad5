using System.Globalization;
using DbUp;
using DbUp.Engine;
using Forge.Errors;
using Forge.History.Stores;
using Microsoft.Data.Sqlite;

namespace Forge.History.Sqlite;

/// <summary>Brings the tables up to date.</summary>
internal static class SqliteSchema
{
    private const string Scripts = ".History.Sqlite.Migrations.";

    /// <summary>The schema level that this binary knows: the number of its last script.</summary>
    public static readonly int Known = typeof(SqliteSchema).Assembly.GetManifestResourceNames().Where(IsScript).Max(NumberOf);

    /// <summary>Runs the scripts that have not run on the database. The caller holds the folder's lock.</summary>
    /// <exception cref="SchemaTooNewException">A newer Forge has changed the schema.</exception>
    public static void Upgrade(SqliteDatabase writer, string path)
    {
        RefuseTooNew(writer);
        var result = DeployChanges.To
            .SqliteDatabase(SqliteDatabase.ConnectionString(path, SqliteOpenMode.ReadWrite))
            .WithScriptsEmbeddedInAssembly(typeof(SqliteSchema).Assembly, IsScript)
            .WithTransactionPerScript()
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw SqliteFailures.Unavailable(result.Error);
        }

        RefuseTooNew(writer);
    }

    /// <summary>Leaves the schema to the silo that has the database, and requires it to be that of this binary.</summary>
    /// <exception cref="UnavailableException">It is an older one, which the running silo is of.</exception>
    /// <exception cref="SchemaTooNewException">A newer Forge has changed it.</exception>
    public static void RequireKnown(SqliteDatabase database)
    {
        RefuseTooNew(database);
        var level = database.Prepare("SELECT level FROM schema_level").Scalar() ?? 0;
        if (level < Known)
        {
            throw new UnavailableException(
                $"The silo that runs on this database is an earlier Forge (schema level {level}; this one needs {Known}). Restart it with this version first.");
        }
    }

    private static bool IsScript(string name) => name.Contains(Scripts, StringComparison.Ordinal);

    private static int NumberOf(string script) => int.Parse(
        script.AsSpan(script.IndexOf(Scripts, StringComparison.Ordinal) + Scripts.Length, "0000".Length), CultureInfo.InvariantCulture);

    private static void RefuseTooNew(SqliteDatabase writer)
    {
        if (writer.Prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_level'").Scalar() is null)
        {
            return;
        }

        var oldest = (int)(writer.Prepare("SELECT oldest_level FROM schema_level").Scalar() ?? 0);
        if (oldest > Known)
        {
            throw new SchemaTooNewException(oldest, Known);
        }
    }
}
