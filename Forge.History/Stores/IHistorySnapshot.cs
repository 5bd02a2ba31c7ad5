using Forge.Errors;
using Forge.History.Rows;

namespace Forge.History.Stores;

/// <summary>One session at one instant.</summary>
internal interface IHistorySnapshot : IAsyncDisposable
{
    HeadRead Head { get; }

    /// <summary>The link to the session that it was forked from; null if it was not.</summary>
    ForkLink? Origin { get; }

    /// <summary>True if some of the visible checkpoints require others.</summary>
    bool Require { get; }

    /// <summary>
    /// The visible checkpoints, by rising sequence, a page of a few MiB in memory at a time. Can be read again. Their
    /// states are decoded and plain; <see cref="StoredCheckpoint.StoredSize"/> says how large they are in the store.
    /// </summary>
    /// <exception cref="StateCorruptedException">A row is damaged, or one that it stands on.</exception>
    IAsyncEnumerable<AnnotatedCheckpoint> ReadAsync(CancellationToken cancellationToken);

    /// <summary>All effects, by their keys in ordinal order; a few in memory at a time. Their checks are the reader's to look at.</summary>
    IAsyncEnumerable<StoredEffect> ReadEffectsAsync(CancellationToken cancellationToken);

    /// <summary>As <see cref="ReadAsync"/>, but what cannot be decoded is passed over.</summary>
    /// <param name="passOver">Is told of each row that is damaged, or that stands on one that is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<AnnotatedCheckpoint> ReadSoundAsync(Action<StateCorruptedException> passOver, CancellationToken cancellationToken);

    /// <summary>
    /// The pending writes of the visible checkpoints as they are stored, by rising sequence, task and index, a page of a few MiB in memory at
    /// a time. Can be read again, also while the checkpoints are, but not at the same moment.
    /// </summary>
    IAsyncEnumerable<StoredWriteRow> WritesAsync(CancellationToken cancellationToken);
}
