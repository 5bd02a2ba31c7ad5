namespace Forge.Silo.Draining;

/// <summary>How the silo stops, section <c>Forge:Drain</c>.</summary>
public sealed class DrainOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Forge:Drain";

    /// <summary>
    /// How long a silo that was asked to stop is not ready and serves all the same, so that what balances the load stops sending to it first;
    /// none by default, 5 min at the most.
    /// </summary>
    public TimeSpan Delay { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// How long the rest of the stop may take: requests end, sessions are let go of, the others are told; 30 s by default, 1 s to 10 min. What
    /// is not done then is given up, as by a kill, which loses nothing that was acknowledged.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);
}
