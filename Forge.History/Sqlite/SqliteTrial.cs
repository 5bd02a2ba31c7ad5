using Forge.History.Encryption;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Forge.History.Sqlite;

/// <summary>
/// Stores for tests and trials: SQLite as it is, in a folder of its own among the system's temporary files, with nothing
/// synced to disk. The folder goes when its store is disposed of.
/// </summary>
internal static class SqliteTrial
{
    // The log stays, since readers and the writer must not wait for each other; nothing is ever synced.
    private const string Pragmas = """
        PRAGMA synchronous = OFF;
        PRAGMA secure_delete = OFF;
        PRAGMA cache_size = -32000;
        """;

    /// <summary>The file of an empty database, made once and copied for each store: that takes a millisecond.</summary>
    private static readonly Lazy<byte[]> Empty = new(MakeEmpty);

    public static SqliteHistoryStore Create(
        WriterOptions options, TimeProvider time, ILogger<SqliteHistoryStore> logger, SealSettings? sealing = null) =>
        new(NewFolder(), options, allowUnsafeDurability: true, time, logger)
        {
            Pragmas = Pragmas,
            IsTrial = true,
            Sealing = sealing ?? SealSettings.None,
        };

    /// <summary>Makes the folder of a trial, with an empty database in it.</summary>
    public static void Begin(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, SqliteHistoryStore.FileName), Empty.Value);
    }

    /// <summary>Removes the folder of a trial with all that is in it.</summary>
    public static void End(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string NewFolder() => Path.Combine(Path.GetTempPath(), $"forge-trial-{Guid.NewGuid():N}");

    private static byte[] MakeEmpty()
    {
        var folder = NewFolder();
        var path = Path.Combine(folder, SqliteHistoryStore.FileName);
        try
        {
            Directory.CreateDirectory(folder);
            using (var database = SqliteDatabase.Open(path, SqliteOpenMode.ReadWriteCreate, TimeSpan.FromSeconds(1)))
            {
                database.Execute(SqliteDurability.Pragmas);
                database.Execute(Pragmas);
                SqliteSchema.Upgrade(database, path);
            }

            return File.ReadAllBytes(path);
        }
        finally
        {
            End(folder);
        }
    }
}
