namespace Forge.Grains.Streams;

/// <summary>How events of sessions are streamed to those who watch them, section <c>Forge:Streams</c>.</summary>
public sealed class StreamOptions
{
    /// <summary>
    /// How many of the newest events a session that is watched keeps in memory; 1,024 by default, 1 to 65,536. Who is further behind reads
    /// the database until it is in reach again.
    /// </summary>
    public int RecentEvents { get; set; } = 1024;

    /// <summary>
    /// How many bytes these events come to at the most, though the newest one is kept however large; 1 MiB by default, 1 KiB to 64 MiB.
    /// </summary>
    public int RecentBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many bytes these events come to at the most over all sessions of a silo; 256 MiB by default, 1 KiB to 64 GiB. A session whose
    /// next events would go beyond keeps none of its own, and those who watch it read the database until there is room.
    /// </summary>
    public long SiloBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// How often a session that is watched while nothing happens asks the database whether it goes on in another silo; 60 s by default, 1 s to
    /// one day. It is one small read however many watch.
    /// </summary>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The most events of one batch on the way to a subscriber; 256 by default, 1 to 10,000.</summary>
    public int BatchEvents { get; set; } = 256;

    /// <summary>
    /// The bytes of text that a batch, or a page of events, ends with though it has at least one event; 1 MiB by default, 1 KiB to 16 MiB.
    /// </summary>
    public int BatchBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long after subscribers of a session were woken they are woken again; 10 ms by default, 0 to 10 s. The first event after a quiet
    /// time wakes them at once, and if they are fewer than 32 the time is shorter in proportion.
    /// </summary>
    public TimeSpan WakeInterval { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The most streams over HTTP that one silo serves at once; 1,000 by default, 1 to 1,000,000. What is more is refused as busy.</summary>
    public int HttpStreams { get; set; } = 1000;

    /// <summary>
    /// After how long without an event a stream over HTTP says that it is still there, so that no proxy ends it; 15 s by default, 100 ms to
    /// one hour.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a browser waits before it asks for a stream again that ended; 1 s by default, 0 to one hour.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);
}
