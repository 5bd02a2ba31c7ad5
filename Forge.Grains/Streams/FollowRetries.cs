using Forge.Errors;
using Orleans.Runtime;

namespace Forge.Grains.Streams;

/// <summary>When what serves callers in this silo asks again for what it follows, after that failed in a way that may pass.</summary>
internal static class FollowRetries
{
    /// <summary>How often in a row it may fail.</summary>
    public const int Attempts = 20;

    /// <summary>The longest wait between two attempts.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(2);

    private const int MostDoublings = 10;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>True if the same call may succeed if it is made again.</summary>
    public static bool MayPass(Exception exception) => exception switch
    {
        OrleansException { InnerException: ForgeException cause } => cause.IsTransient,
        ForgeException error => error.IsTransient,
        TimeoutException or OrleansException or OperationCanceledException or EnumerationAbortedException => true,
        _ => false,
    };

    /// <summary>How long to wait after so many in a row, from 1: twice as long each time.</summary>
    public static TimeSpan DelayAfter(int times)
    {
        var delay = FirstDelay * Math.Pow(2, Math.Min(times - 1, MostDoublings));
        return delay < MaxDelay ? delay : MaxDelay;
    }
}
