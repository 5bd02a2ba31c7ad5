using Forge.Identity;

namespace Forge.Errors;

/// <summary>The connection broke while a change was committed and the outcome could not be found out: it may have taken effect. A call with a request id can be made again safely.</summary>
[GenerateSerializer, Alias("forge.error.outcome_unknown")]
public sealed class OutcomeUnknownException : ForgeException
{
    /// <summary>Makes the error with the cause it came from.</summary>
    public OutcomeUnknownException(SessionAddress session, Exception? innerException = null)
        : base($"Whether a change of session {session} took effect is not known.", innerException) => Session = session;

    /// <summary>The session whose change is in doubt.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <inheritdoc/>
    public override string Code => "outcome_unknown";

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
