namespace Forge.History.Stores;

/// <summary>Where the creates of checkpoints were in their callers' traces.</summary>
internal interface ITraces
{
    /// <summary>What is kept of the create of a checkpoint; null for nothing, and if the checkpoint is not stored.</summary>
    /// <param name="key">The session.</param>
    /// <param name="sequence">The checkpoint.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<byte[]?> ReadAsync(long key, long sequence, CancellationToken cancellationToken);
}
