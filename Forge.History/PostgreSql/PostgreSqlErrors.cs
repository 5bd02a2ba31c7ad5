using System.Net.Sockets;
using Forge.Errors;
using Forge.History.Changes;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>What an error of the database says about a transaction.</summary>
internal static class PostgreSqlErrors
{
    /// <summary>
    /// True if the database said that it rolled back and lives on. A session that it ends (FATAL) may have committed
    /// before, as may one whose answer never came.
    /// </summary>
    public static bool IsRolledBack(Exception e) => e is PostgresException { InvariantSeverity: "ERROR" };

    public static bool IsLockTimeout(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable };

    /// <summary>Whose fault a rolled back transaction was; null if it was nobody's in particular.</summary>
    public static CommitStatus? Rejection(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => CommitStatus.Duplicate,
        PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure =>
            CommitStatus.Locked,
        // Of values, of constraints, of a row that one statement would touch twice, and of what is too large.
        ['2', '1' or '2' or '3', ..] or ['5', '4', ..] => CommitStatus.Refused,
        _ => null,
    };

    /// <summary>True for what the driver raises when the database is not there, is slow or refuses the work.</summary>
    public static bool IsFailure(Exception e, CancellationToken cancellationToken) => e switch
    {
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        NpgsqlException or TimeoutException or IOException or SocketException => true,
        _ => false,
    };

    public static UnavailableException Unavailable(Exception cause) => cause switch
    {
        UnfitConnectionException unfit => new(unfit.Message, unfit),
        PostgresException { SqlState: PostgresErrorCodes.ProtocolViolation } error
            when error.MessageText.Contains("startup parameter", StringComparison.Ordinal) =>
            Unavailable(UnfitConnectionException.Pooled($"it answers \"{error.MessageText}\"", error)),
        PostgresException error => new($"The database refused the work with {error.SqlState}: {error.MessageText}", error),
        _ => new($"The database cannot be reached or does not answer in time: {cause.Message}", cause),
    };
}
