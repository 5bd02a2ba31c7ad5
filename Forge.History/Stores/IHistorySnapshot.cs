using Forge.Errors;
using Forge.History.Rows;

namespace Forge.History.Stores;

/// <summary>One session at one instant.</summary>
internal interface IHistorySnapshot : IAsyncDisposable
{
    HeadRead Head { get; }

    /// <summary>
    /// The visible checkpoints with all their parts, by rising sequence, a page of a few MiB in memory at a time. Read once. Their
    /// states are decoded and plain; <see cref="StoredCheckpoint.StoredSize"/> says how large they are in the store.
    /// </summary>
    /// <exception cref="StateCorruptedException">A row is damaged, or one that it stands on.</exception>
    IAsyncEnumerable<StoredCheckpoint> ReadAsync(CancellationToken cancellationToken);
}
