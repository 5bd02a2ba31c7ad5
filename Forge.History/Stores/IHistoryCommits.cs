using Forge.Errors;
using Forge.History.Changes;

namespace Forge.History.Stores;

/// <summary>Writes what the sessions decided, and hands out their keys.</summary>
internal interface IHistoryCommits
{
    /// <summary>True if a commit waits for the one before it, so that it is better to gather more than to send two.</summary>
    bool HasOneWriter { get; }

    /// <summary>
    /// What commits that need room on the disk are answered now, if that is known without trying: they need not be sent, and nothing
    /// that needs none is refused with them. Null if they are to be sent.
    /// </summary>
    CommitOutcome? NoRoom { get; }

    /// <summary>A key that no session has and none was ever given.</summary>
    ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Has at hand what a commit needs beside the database, so that the batch that it will be in waits for nothing but that. Mostly nothing is to
    /// be done.
    /// </summary>
    /// <exception cref="ForgeException">It cannot be had, and the commit is not to be sent.</exception>
    ValueTask PrepareAsync(SessionCommit commit, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Writes a batch in one transaction and answers for each of its commits, in their order: <c>Committed</c>,
    /// <c>Conflict</c>, <c>Locked</c> or <c>NoRoom</c>. When it returns, what is <c>Committed</c> survives a crash. The memory that the
    /// commits refer to is not used after the returned task has completed.
    /// </summary>
    /// <exception cref="BatchRejectedException">Nothing was written, because of what one of the commits holds.</exception>
    /// <exception cref="UnavailableException">Nothing was written, because the database cannot be reached.</exception>
    /// <exception cref="CommitInDoubtException">It may have been written.</exception>
    Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Finds out what became of a batch in doubt, by the head rows: waits for a transaction that is still under way on
    /// them, and then answers for each commit <c>Committed</c> (the row names the batch), <c>Unavailable</c> (it has the
    /// version before: nothing was written) or <c>Unknown</c> (somebody wrote since).
    /// </summary>
    Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken);
}
