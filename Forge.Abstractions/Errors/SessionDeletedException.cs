using Forge.Identity;

namespace Forge.Errors;

/// <summary>The session was deleted; its name is kept so that a late write cannot revive it.</summary>
[GenerateSerializer, Alias("forge.error.session_deleted")]
public sealed class SessionDeletedException : ForgeException
{
    /// <summary>Makes the error for <paramref name="session"/>.</summary>
    public SessionDeletedException(SessionAddress session)
        : base($"Session {session} was deleted.") => Session = session;

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <inheritdoc/>
    public override string Code => "session_deleted";

}
