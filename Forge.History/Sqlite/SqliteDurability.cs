using Forge.History.Stores;
using Microsoft.Extensions.Logging;

namespace Forge.History.Sqlite;

/// <summary>Makes commits durable, and checks that the database took the settings.</summary>
internal static class SqliteDurability
{
    /// <summary>
    /// What the writing connection is set to. The page size and the vacuum mode count only while the file is new; pages are
    /// small because a commit writes each one that it touches whole, and most of it are index pages. Full syncs matter on
    /// macOS alone, where an ordinary one stops at the disk's cache. What is deleted in a page that is written anyway is
    /// overwritten; whole pages that come free are not, until they are given back.
    /// </summary>
    public const string Pragmas = """
        PRAGMA page_size = 4096;
        PRAGMA auto_vacuum = INCREMENTAL;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA fullfsync = ON;
        PRAGMA checkpoint_fullfsync = ON;
        PRAGMA wal_autocheckpoint = 8000;
        PRAGMA secure_delete = FAST;
        PRAGMA cache_size = -32000;
        PRAGMA journal_size_limit = 67108864;
        """;

    /// <summary>Reads the settings back.</summary>
    /// <exception cref="UnsafeDurabilityException">A crash could lose what was acknowledged, and that was not allowed.</exception>
    public static void Check(SqliteDatabase writer, bool allowUnsafe, ILogger logger)
    {
        Check("journal_mode", writer.Pragma("journal_mode"), ["wal"], "WAL", allowUnsafe, logger);
        // 2 is FULL and 3 is EXTRA.
        Check("synchronous", writer.Pragma("synchronous"), ["2", "3"], "FULL", allowUnsafe, logger);
    }

    private static void Check(
        string setting, string value, string[] safe, string wanted, bool allowUnsafe, ILogger logger)
    {
        if (safe.Contains(value))
        {
            return;
        }

        var problem = new UnsafeDurabilityException(setting, value, wanted);
        if (!allowUnsafe)
        {
            throw problem;
        }

        logger.LogWarning("A crash can lose acknowledged commits: {Setting} is {Value}, not {Wanted}", setting, value, wanted);
    }
}
