namespace Forge.Grains.Streams;

/// <summary>What the rings of a silo take together. Safe for any thread.</summary>
/// <param name="most">The bytes that they may take.</param>
internal sealed class RingBudget(long most)
{
    private long _bytes;

    /// <summary>The bytes that they take.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>True if that is more than they may.</summary>
    public bool IsOverdrawn => Bytes > most;

    /// <summary>Counts bytes that a ring takes, or with a number below zero those that it gives back.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}
