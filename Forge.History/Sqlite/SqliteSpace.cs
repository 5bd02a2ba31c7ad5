using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace Forge.History.Sqlite;

/// <summary>Gives free pages back to the file system. Outside transactions, on the writing connection.</summary>
internal static class SqliteSpace
{
    // A few MiB of pages move in one go, so that commits behind it wait for a moment only; a part of them at a time, since
    // what is given back beyond the bound would only be asked for again.
    private const int PartsOfAStep = 10;
    private const string GiveBack = "PRAGMA incremental_vacuum(100)";

    private const string CountFree = "PRAGMA freelist_count";
    private const string CountAll = "PRAGMA page_count";
    private const string PageSize = "PRAGMA page_size";
    private const string FoldLog = "PRAGMA wal_checkpoint(TRUNCATE)";

    // 2 is INCREMENTAL.
    private const string Incremental = "2";

    /// <summary>
    /// Lets a file that was made without it give pages back: by rewriting it once. Every file that Forge made can.
    /// </summary>
    public static void Convert(SqliteDatabase database, ILogger logger)
    {
        if (database.Pragma("auto_vacuum") != Incremental)
        {
            logger.LogInformation("The embedded database is rewritten once, so that it can give space back");
            database.Execute("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;");
        }
    }

    /// <summary>Takes a step if more is free than may be; true if that is no longer so.</summary>
    public static bool Shrink(SqliteDatabase database, SqliteFreeSpace bound)
    {
        for (var part = 0; part < PartsOfAStep && Excess(database, bound) > 0; part++)
        {
            database.Prepare(GiveBack).Execute();
        }

        return Excess(database, bound) == 0;
    }

    /// <summary>
    /// Folds the log into the database and cuts it to nothing; false if a reader still needs it. Does not wait for one,
    /// since commits would wait too.
    /// </summary>
    public static bool CutLog(SqliteDatabase database, TimeSpan busyTimeout) => CutLog(database, TimeSpan.Zero, busyTimeout);

    /// <summary>The same, and waits so long for readers.</summary>
    public static bool CutLog(SqliteDatabase database, TimeSpan wait, TimeSpan busyTimeout)
    {
        _ = raw.sqlite3_busy_timeout(database.Handle, (int)wait.TotalMilliseconds);
        try
        {
            return database.Prepare(FoldLog).Scalar() == 0;
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == raw.SQLITE_BUSY)
        {
            return false;
        }
        finally
        {
            _ = raw.sqlite3_busy_timeout(database.Handle, (int)busyTimeout.TotalMilliseconds);
        }
    }

    /// <summary>How many pages more are free than may be.</summary>
    private static long Excess(SqliteDatabase database, SqliteFreeSpace bound)
    {
        var free = Read(database, CountFree);
        var size = Read(database, PageSize);
        return free == 0 ? 0 : Math.Max(0, free - (bound.Of(Read(database, CountAll) * size) / size));
    }

    private static long Read(SqliteDatabase database, string pragma) => database.Prepare(pragma).Scalar() ?? 0;
}

/// <summary>How much of the file may be free for what comes next.</summary>
/// <param name="Bytes">So many bytes in any case.</param>
/// <param name="Percent">This part of the file, from 0 to 100.</param>
internal readonly record struct SqliteFreeSpace(long Bytes, int Percent)
{
    public static SqliteFreeSpace None { get; }

    /// <summary>4 MiB or a tenth of the file.</summary>
    public static SqliteFreeSpace Default { get; } = new(4 * 1024 * 1024, 10);

    /// <summary>The bytes that may be free in a file of so many.</summary>
    public long Of(long file) => Math.Max(Bytes, file / 100 * Percent);
}
