using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Errors;

/// <summary>
/// The checkpoint that a state was sent as the difference from can't be used for that. This call changed nothing; of an earlier one with the
/// same id it says nothing. Send the state whole, which is answered as a repeat if that one took effect.
/// </summary>
[GenerateSerializer, Alias("forge.error.base_unknown")]
public sealed class BaseUnknownException : ForgeException
{
    /// <summary>Makes the error.</summary>
    /// <param name="session">The session that was asked.</param>
    /// <param name="checkpoint">What was named.</param>
    /// <param name="problem">Why it can't be used, as the end of a sentence.</param>
    /// <param name="cause">What came of reading it; null if that was not it.</param>
    public BaseUnknownException(SessionAddress session, CheckpointReference checkpoint, string problem, Exception? cause = null)
        : base($"Checkpoint {checkpoint} of session {session} {problem}: send the state whole.", cause) =>
        (Session, Base) = (session, checkpoint);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>What was named.</summary>
    [Id(1)]
    public CheckpointReference Base { get; }

    /// <inheritdoc/>
    public override string Code => "base_unknown";
}
