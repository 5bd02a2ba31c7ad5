using Forge.Identity;

namespace Forge.Client.Retries;

/// <summary>What a call is to the one who may have to make it again.</summary>
internal sealed record CallShape
{
    /// <summary>What the call goes to, for the words of an error.</summary>
    public required string Target { get; init; }

    /// <summary>The session that an unknown outcome is an error of; null if an unknown outcome changes nothing.</summary>
    public SessionAddress? Changes { get; init; }

    /// <summary>Whether the call may be made again after such a failure.</summary>
    public required Func<Exception, FailureKind, bool> RetryWhen { get; init; }

    /// <summary>True if the deadline of the options bounds the call.</summary>
    public bool HasDeadline { get; init; } = true;

    /// <summary>True if an attempt that takes too long may be left alone and the call made again beside it.</summary>
    public bool HasAttemptTimeout { get; init; }

    /// <summary>
    /// True if the other side is told that the call was given up. A change that has begun is carried out whatever happens
    /// to its caller, so it is spared the telling.
    /// </summary>
    public bool TellsOfCancellation { get; init; } = true;

    /// <summary>A call that changes nothing.</summary>
    public static CallShape Read(string target) =>
        new() { Target = target, RetryWhen = Always, HasAttemptTimeout = true };

    /// <summary>A change with a request id: however often it is made, it takes effect once.</summary>
    public static CallShape Change(SessionAddress session) =>
        new()
        {
            Target = $"session {session}",
            Changes = session,
            RetryWhen = Always,
            HasAttemptTimeout = true,
            TellsOfCancellation = false,
        };

    private static bool Always(Exception failure, FailureKind kind) => true;
}
