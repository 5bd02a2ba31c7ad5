namespace Forge.Client.Retries;

/// <summary>
/// How often and how long a call is made again after a failure that may pass. Definite errors are never retried.
/// </summary>
public sealed class RetryOptions
{
    /// <summary>The most attempts at one call, the first included: 1 (never again) to 100; 10 by default.</summary>
    public int Attempts { get; set; } = 10;

    /// <summary>
    /// The wait after the first failure, doubled after each further one; 100 ms by default, more than zero. Each wait is
    /// shortened by a random part of up to a half, so that callers that failed together do not come back together.
    /// </summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait; 5 s by default, at least <see cref="FirstDelay"/>.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one attempt may take before the call is made again; 15 s by default, more than zero, at most one day. Should
    /// be longer than the silos' database commands may take. Attempts in flight, the last one of a call excepted, are made
    /// again at once if the cluster loses a silo, though not twice within 2 s. Neither is so for the pieces and the end of an
    /// import, which are not made again.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a call may take with all its attempts and waits; 60 s by default, more than zero, at most one day. An
    /// export or import counts each of its steps on its own.
    /// </summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The wait after a failure.</summary>
    /// <param name="failures">How many there were in a row, from 1.</param>
    /// <param name="chance">From 0 up to, but not including, 1: twice the part by which it is shortened.</param>
    internal TimeSpan DelayAfter(int failures, double chance)
    {
        var full = Math.Min(FirstDelay.Ticks * Math.Pow(2, failures - 1), MaxDelay.Ticks);
        return TimeSpan.FromTicks((long)(full * (1 - (chance / 2))));
    }
}
