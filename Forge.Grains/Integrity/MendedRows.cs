namespace Forge.Grains.Integrity;

/// <summary>Counts the damaged rows that the sessions of a silo have put right. Safe for concurrent use.</summary>
internal sealed class MendedRows
{
    private long _count;

    /// <summary>How many, since the silo started.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);
}
