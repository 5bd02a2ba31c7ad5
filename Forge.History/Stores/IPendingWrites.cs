using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>Reads of the pending writes of one session. Each is of one instant.</summary>
internal interface IPendingWrites
{
    /// <summary>Which writes the visible checkpoints of a session have; none of a deleted one. Reads no values.</summary>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<Versioned<WriteIndex>> ReadIndexAsync(SessionAddress address, CancellationToken cancellationToken);

    /// <summary>
    /// Whether a checkpoint came with an import, as those of a fork with history do: what was remembered of its create is not here.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="position">The position of the checkpoint's created event.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<bool> WasImportedAsync(SessionAddress address, long position, CancellationToken cancellationToken);

    /// <summary>
    /// Writes of one checkpoint by task and index, with their values: a page that ends with the write that brings it to its bytes. Null if
    /// the checkpoint is not visible.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="checkpoint">Which one.</param>
    /// <param name="after">The write that it begins after; null for the first page.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="bytes">The bytes of values that a page ends with.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="StateCorruptedException">A row of the page cannot be read.</exception>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<Versioned<WriteList?>> ListAsync(
        SessionAddress address, CheckpointReference checkpoint, WriteKey? after, int limit, long bytes, CancellationToken cancellationToken);
}

/// <summary>Pending writes of one checkpoint.</summary>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Rows">The writes, as they are stored.</param>
/// <param name="HasMore">True if there are others behind them.</param>
internal sealed record WriteList(CheckpointPointer Checkpoint, IReadOnlyList<StoredWrite> Rows, bool HasMore);
