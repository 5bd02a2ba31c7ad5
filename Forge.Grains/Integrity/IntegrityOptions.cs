namespace Forge.Grains.Integrity;

/// <summary>How all sessions are verified in the background, section <c>Forge:Integrity</c>.</summary>
public sealed class IntegrityOptions
{
    /// <summary>False to verify only what is asked for; true by default.</summary>
    public bool Background { get; set; } = true;

    /// <summary>How long after the end of one round over all sessions the next begins; one day by default.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How many stored bytes are read in a second on average, in all silos together, since one of them does it at a time;
    /// 4 MiB by default, at least 64 KiB. One session is read as fast as it goes, and waited for after it.
    /// </summary>
    public long BytesPerSecond { get; set; } = 4 * 1024 * 1024;

    /// <summary>How many sessions are begun in a second; 20 by default, at least 1.</summary>
    public int SessionsPerSecond { get; set; } = 20;

    /// <summary>How long a silo holds the work before another may go on with it; two minutes by default.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(2);
}
