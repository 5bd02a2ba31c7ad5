namespace Forge.History.Writing;

/// <summary>How a silo groups commits, section <c>Forge:Writer</c>. Each must be at least 1.</summary>
public sealed class WriterOptions
{
    /// <summary>The most records of one batch; 1,000 by default.</summary>
    public int BatchRecords { get; set; } = 1000;

    /// <summary>The most bytes of one batch; 4 MiB by default. One larger commit goes alone.</summary>
    public long BatchBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>The most records that wait or are being written in a silo; 10,000 by default.</summary>
    public int QueueRecords { get; set; } = 10_000;

    /// <summary>The most bytes that wait or are being written in a silo; 256 MiB by default.</summary>
    public long QueueBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>One session may hold one part in this many of the queue; 4 by default.</summary>
    public int SessionShare { get; set; } = 4;

    /// <summary>
    /// How many batches may be in flight at once; 2 by default. Another is begun only when <see cref="LaneRecords"/> wait, or
    /// a large or slow one is in flight. SQLite has one writer, so there it is always 1.
    /// </summary>
    public int Lanes { get; set; } = 2;

    /// <summary>
    /// How many records must wait for another batch to be worth its own commit beside one in flight; 64 by default. While
    /// one batch is being synced to disk the database then works on the other.
    /// </summary>
    public int LaneRecords { get; set; } = 64;

    /// <summary>How long a database command may take; 10 s by default, at most 20 s.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
