using Forge.Identity;

namespace Forge.Errors;

/// <summary>Another activation of the session wrote first; this one refused the change and stepped down. A new call reaches the one that writes.</summary>
[GenerateSerializer, Alias("forge.error.session_moved")]
public sealed class SessionMovedException : ForgeException
{
    /// <summary>Makes the error with the cause it came from.</summary>
    public SessionMovedException(SessionAddress session, Exception? innerException = null)
        : base($"Session {session} is written by another silo; the change was refused.", innerException) => Session = session;

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <inheritdoc/>
    public override string Code => "session_moved";

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
