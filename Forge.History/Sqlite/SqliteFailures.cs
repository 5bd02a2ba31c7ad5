using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Forge.History.Sqlite;

/// <summary>What an error of SQLite means to a caller.</summary>
internal static class SqliteFailures
{
    public static UnavailableException Unavailable(Exception cause) =>
        new($"The embedded database did not do its work: {cause.Message}", cause);

    /// <summary>What it means that a transaction failed before its commit, and so was rolled back.</summary>
    public static Exception RolledBack(Exception cause) => cause switch
    {
        BatchRejectedException or UnavailableException or KeyMissingException or KeysNotHeldException => cause,
        SqliteException { SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY } =>
            new BatchRejectedException(CommitStatus.Duplicate, cause),
        SqliteException { SqliteErrorCode: raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH or raw.SQLITE_RANGE } =>
            new BatchRejectedException(CommitStatus.Refused, cause),
        SqliteException => Unavailable(cause),
        // Text that is no Unicode, a number out of range: what the rows hold.
        _ => new BatchRejectedException(CommitStatus.Refused, cause),
    };

    /// <summary>
    /// True if the failed commit may have reached the disk: the log was written whole, and its flush failed, or what comes
    /// behind that, which is the index of the log in shared memory. Every other failure comes before the last frame of the log
    /// is written.
    /// </summary>
    public static bool MayHaveReachedTheDisk(SqliteException failure) =>
        failure.SqliteExtendedErrorCode is raw.SQLITE_IOERR_FSYNC or raw.SQLITE_IOERR_DIR_FSYNC
            or raw.SQLITE_IOERR_SHMOPEN or raw.SQLITE_IOERR_SHMSIZE or raw.SQLITE_IOERR_SHMLOCK or raw.SQLITE_IOERR_SHMMAP
            or raw.SQLITE_IOERR_NOMEM
        || failure.SqliteErrorCode == raw.SQLITE_NOMEM;
}
