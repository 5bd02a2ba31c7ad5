namespace Forge.Grains.Retention;

/// <summary>How long effects are kept, section <c>Forge:Effects</c>.</summary>
public sealed class EffectOptions
{
    /// <summary>
    /// How long after it was completed or failed an effect is kept; 30 days by default, at least the request window. Never less, whatever a
    /// retention policy says; one that is running, unknown or may run again, and a token, never goes by its age.
    /// </summary>
    public TimeSpan Kept { get; set; } = TimeSpan.FromDays(30);
}
