using Forge.Identity;

namespace Forge.Errors;

/// <summary>The create expected another head than the session has.</summary>
[GenerateSerializer, Alias("forge.error.head_mismatch")]
public sealed class HeadMismatchException : ForgeException
{
    /// <summary>Makes the error for a create that expected <paramref name="expected"/>.</summary>
    public HeadMismatchException(SessionAddress session, long expected, long actual)
        : base($"Session {session} has head {actual}, not {expected}.") =>
        (Session, Expected, Actual) = (session, expected, actual);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The sequence the caller expected; 0 for an empty session.</summary>
    [Id(1)]
    public long Expected { get; }

    /// <summary>The sequence of the head; 0 if there is none.</summary>
    [Id(2)]
    public long Actual { get; }

    /// <inheritdoc/>
    public override string Code => "head_mismatch";

}
