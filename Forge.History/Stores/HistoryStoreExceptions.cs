using Forge.History.Changes;

namespace Forge.History.Stores;

/// <summary>
/// A batch was rolled back because of what one of its sessions holds. The writer tries its halves, down to the session.
/// </summary>
/// <param name="status"><see cref="CommitStatus.Duplicate"/>, <see cref="CommitStatus.Locked"/> or <see cref="CommitStatus.Refused"/>.</param>
/// <param name="cause">What the database said.</param>
internal sealed class BatchRejectedException(CommitStatus status, Exception cause)
    : Exception($"The batch was rolled back: {cause.Message}", cause)
{
    public CommitStatus Status { get; } = status;
}

/// <summary>A commit was sent and its answer never came: <see cref="IHistoryCommits.FindOutAsync"/> tells.</summary>
internal sealed class CommitInDoubtException(Exception cause)
    : Exception($"The outcome of a commit is not known: {cause.Message}", cause);
