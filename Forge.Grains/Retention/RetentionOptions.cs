using Forge.Sessions;

namespace Forge.Grains.Retention;

/// <summary>How long things are kept, section <c>Forge:Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>How long a request can be repeated and takes effect once; 24 hours by default, at least one minute.</summary>
    public TimeSpan RequestWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long after its beginning an import that was not completed is removed; one hour by default.</summary>
    public TimeSpan AbandonedImport { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often a silo looks for due work; 5 s by default.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many rows one step of the sweep removes at the most; 500 by default, at least 1.</summary>
    public int SweepRows { get; set; } = 500;

    /// <summary>How long claimed work is held before another silo may take it; one minute by default.</summary>
    public TimeSpan WorkLease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What compaction keeps in sessions that neither have a policy nor have a tenant with one; everything by default.
    /// </summary>
    public RetentionPolicy? Policy { get; set; }

    /// <summary>
    /// How long after their newest create sessions are deleted of which neither they nor their tenant say so; never by
    /// default. More than zero, at most 36,500 days.
    /// </summary>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>
    /// How long after creates a session's policy is applied, and how often at the most; one minute by default, zero to do it
    /// with every commit.
    /// </summary>
    public TimeSpan PolicyInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long after a walk over all sessions the next begins, by which policies reach sessions that nobody writes to; one
    /// hour by default.
    /// </summary>
    public TimeSpan WalkInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long events of a session's log are kept at least; seven days by default.</summary>
    public TimeSpan EventAge { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How many of the newest positions of a session's log are kept whatever their age; 10,000 by default.</summary>
    public int EventCount { get; set; } = 10_000;

    /// <summary>
    /// How many bytes of the embedded database's file may be free before they are given back to the file system; 4 MiB by
    /// default.
    /// </summary>
    public long SqliteFreeBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// The part of the embedded database's file, from 0 to 100, that may be free if that is more; 10 by default.
    /// </summary>
    public int SqliteFreePercent { get; set; } = 10;

    /// <summary>
    /// How many bytes of the disk the embedded database keeps aside, in a file, so that something can still be deleted, compacted
    /// and erased when the disk is full; 32 MiB by default, at most an eighth of the file system, 0 for none.
    /// </summary>
    public long SqliteReserveBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// How many bytes the log of the embedded database may come to while an export, a verification or another long read keeps it
    /// from being folded in; then these reads are ended with an error. 1 GiB by default, at least 256 MiB, 0 for no bound. It is
    /// never more than half of what the log and the disk's free space come to.
    /// </summary>
    public long SqliteLogBytes { get; set; } = 1024 * 1024 * 1024;
}
