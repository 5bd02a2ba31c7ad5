namespace Forge.History.Changes;

/// <summary>Commits of different sessions that are written in one transaction.</summary>
/// <param name="Id">The batch, new for every attempt.</param>
/// <param name="Commits">At most one of each session, by rising key.</param>
internal sealed record CommitBatch(Guid Id, IReadOnlyList<SessionCommit> Commits);

internal enum CommitStatus
{
    /// <summary>Durable.</summary>
    Committed,

    /// <summary>The head row has another version than expected; nothing of the session was written.</summary>
    Conflict,

    /// <summary>The head row is locked by somebody else; nothing of the session was written.</summary>
    Locked,

    /// <summary>A checkpoint id or request id is there already; nothing of the session was written.</summary>
    Duplicate,

    /// <summary>The database refused the session's rows; nothing of it was written.</summary>
    Refused,

    /// <summary>The database could not be reached; nothing of it was written.</summary>
    Unavailable,

    /// <summary>The disk has no room for what it adds; nothing of it was written.</summary>
    NoRoom,

    /// <summary>It may have been written, and cannot be found out.</summary>
    Unknown,
}

/// <summary>What became of one session's commit.</summary>
/// <param name="Status">The outcome.</param>
/// <param name="Cause">Why, if there was an error.</param>
internal readonly record struct CommitOutcome(CommitStatus Status, Exception? Cause = null);
