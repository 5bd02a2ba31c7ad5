using Forge.Identity;

namespace Forge.Errors;

/// <summary>The session that was to be made exists.</summary>
[GenerateSerializer, Alias("forge.error.session_exists")]
public sealed class SessionExistsException : ForgeException
{
    /// <summary>Makes the error for <paramref name="session"/>.</summary>
    public SessionExistsException(SessionAddress session)
        : base($"Session {session} exists.") => Session = session;

    /// <summary>The session that was to be made.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <inheritdoc/>
    public override string Code => "session_exists";

}
