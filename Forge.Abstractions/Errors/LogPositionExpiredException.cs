using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// Events after the position are not kept any more: whoever goes on from it would miss some. Read the session as it is now, and go on
/// after <see cref="Oldest"/> or later.
/// </summary>
[GenerateSerializer, Alias("forge.error.position_expired")]
public sealed class LogPositionExpiredException : ForgeException
{
    /// <summary>Makes the error for a position.</summary>
    public LogPositionExpiredException(SessionAddress session, long position, long oldest)
        : base($"The log of session {session} is not kept after position {position} any more; the oldest position to go on after is {oldest}.") =>
        (Session, Position, Oldest) = (session, position, oldest);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The position that was given.</summary>
    [Id(1)]
    public long Position { get; }

    /// <summary>The oldest position that one may go on after.</summary>
    [Id(2)]
    public long Oldest { get; }

    /// <inheritdoc/>
    public override string Code => "position_expired";
}
