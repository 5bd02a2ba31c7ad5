namespace Forge.Grains.Hosting;

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
}
