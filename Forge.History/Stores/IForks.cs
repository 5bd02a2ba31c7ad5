using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>What forks read: the sessions that they begin from, and the links between both.</summary>
internal interface IForks
{
    /// <summary>A session and one of its checkpoints with its state, of one instant; null if there is no such session.</summary>
    Task<ForkPoint?> ReadPointAsync(SessionAddress origin, CheckpointReference checkpoint, CancellationToken cancellationToken);

    /// <summary>
    /// Opens a session at a checkpoint as it is now: what is read from then on does not change while writes go on. Null if there is no
    /// such session. Holds a connection until it is disposed.
    /// </summary>
    Task<IForkSource?> OpenAsync(SessionAddress origin, CheckpointReference checkpoint, CancellationToken cancellationToken);

    /// <summary>A session's head row with its links, of one instant, also of a deleted session; null if there is none.</summary>
    /// <param name="address">The session.</param>
    /// <param name="mostForks">How far its forks are counted.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<SessionLinks?> ReadLinksAsync(SessionAddress address, int mostForks, CancellationToken cancellationToken);

    /// <summary>The living forks of a session by falling key; none if it is deleted or there is none.</summary>
    /// <param name="address">The session.</param>
    /// <param name="before">Only those whose key is below this.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<LinkedFork>> ListAsync(SessionAddress address, long before, int limit, CancellationToken cancellationToken);
}

/// <summary>A session at one instant, and one of its checkpoints.</summary>
/// <param name="Head">Its head row, also of a deleted session.</param>
/// <param name="Checkpoint">The checkpoint with what its state is decoded on; null if it is not there.</param>
internal sealed record ForkPoint(SessionHead Head, StoredState? Checkpoint);

/// <summary>A session at one instant, from the root to one of its checkpoints. One read at a time.</summary>
internal interface IForkSource : IAsyncDisposable
{
    ForkPoint Point { get; }

    /// <summary>What is on the way, with what is required there.</summary>
    Task<PathSize> MeasureAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The visible checkpoints on the way from the root to the checkpoint, with what any of them requires and the way to that, by rising
    /// sequence, with their states as they are to be stored in another session: as they are stored here, but for those that stand on rows
    /// which are not the one before them, which are encoded anew. Each has its nearest visible ancestor as its parent. A page of a few MiB
    /// is in memory at a time.
    /// </summary>
    /// <exception cref="StateCorruptedException">A row that has to be encoded anew is damaged, or one that it stands on.</exception>
    IAsyncEnumerable<AnnotatedCheckpoint> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>What checkpoints come to.</summary>
/// <param name="Count">How many.</param>
/// <param name="Bytes">The sum of the sizes of their states as saved.</param>
/// <param name="StoredBytes">The sum of their stored bytes.</param>
internal readonly record struct PathSize(long Count, long Bytes, long StoredBytes);

/// <summary>A session with its links.</summary>
/// <param name="Read">The head row with the ids of head and current.</param>
/// <param name="Origin">The link to its origin; null if it was not forked.</param>
/// <param name="OriginIsGone">True if the origin is not there any more.</param>
/// <param name="Forks">How many living sessions were forked from it, as far as they were counted.</param>
internal sealed record SessionLinks(HeadRead Read, ForkLink? Origin, bool OriginIsGone, int Forks);

/// <summary>A session that was forked from another.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Session">Its name.</param>
/// <param name="Link">Its link.</param>
internal sealed record LinkedFork(long Key, SessionId Session, ForkLink Link);
