using Forge.Identity;

namespace Forge.Errors;

/// <summary>Nothing was ever saved in the session.</summary>
[GenerateSerializer, Alias("forge.error.session_not_found")]
public sealed class SessionNotFoundException : ForgeException
{
    /// <summary>Makes the error for <paramref name="session"/>.</summary>
    public SessionNotFoundException(SessionAddress session)
        : base($"Session {session} does not exist.") => Session = session;

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <inheritdoc/>
    public override string Code => "session_not_found";

}
