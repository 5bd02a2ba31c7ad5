using Forge.Errors;

namespace Forge.Client;

/// <summary>How states are saved behind an agent's back.</summary>
public sealed record BackgroundSaverOptions
{
    /// <summary>
    /// How long the oldest state that is not saved yet may wait before the next call waits with it; 30 s by default, and
    /// <see cref="TimeSpan.Zero"/> to wait for each save. Not negative.
    /// </summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The pause before a save that failed in a way that may pass is tried again; 1 s by default, and twice as long after each failure,
    /// up to 30 s. More than zero. A state that is given meanwhile ends it.
    /// </summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Is told of every attempt that failed, at once; null for nobody. Must be quick and must not throw.</summary>
    public Action<Exception>? Failed { get; init; }

    /// <exception cref="InvalidRequestException">A value is out of its bounds.</exception>
    internal void Validate()
    {
        if (MaxAge < TimeSpan.Zero)
        {
            throw new InvalidRequestException("maxAge", "must not be negative");
        }

        if (RetryAfter <= TimeSpan.Zero)
        {
            throw new InvalidRequestException("retryAfter", "must be more than zero");
        }
    }
}
