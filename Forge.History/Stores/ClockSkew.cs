namespace Forge.History.Stores;

/// <summary>How the clocks of silos may differ.</summary>
internal static class ClockSkew
{
    /// <summary>
    /// What is stamped further ahead than this was stamped by a clock that was ahead. Much less is nothing but two silos'
    /// clocks, or a call that took its time before it waited for a connection.
    /// </summary>
    public static TimeSpan Most { get; } = TimeSpan.FromHours(1);
}
