using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// What a difference makes of its base is not the state that its SHA-256 is of: one of the three is not what its sender took it for.
/// Nothing was changed.
/// </summary>
[GenerateSerializer, Alias("forge.error.state_mismatch")]
public sealed class StateMismatchException : ForgeException
{
    /// <summary>Makes the error.</summary>
    /// <param name="session">The session that was asked.</param>
    /// <param name="expected">The SHA-256 that was given, as lower-case hex digits.</param>
    /// <param name="actual">That of the state that came of it.</param>
    public StateMismatchException(SessionAddress session, string expected, string actual)
        : base($"The difference that was sent to session {session} gives a state with the SHA-256 {actual}, not {expected}.") =>
        (Session, Expected, Actual) = (session, expected, actual);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The SHA-256 that was given, as lower-case hex digits.</summary>
    [Id(1)]
    public string Expected { get; }

    /// <summary>That of the state that came of it.</summary>
    [Id(2)]
    public string Actual { get; }

    /// <inheritdoc/>
    public override string Code => "state_mismatch";
}
