using Forge.Identity;

namespace Forge.Errors;

/// <summary>The session has no such checkpoint, or no longer has it.</summary>
[GenerateSerializer, Alias("forge.error.checkpoint_not_found")]
public sealed class CheckpointNotFoundException : ForgeException
{
    /// <summary>Makes the error for <paramref name="checkpoint"/> of <paramref name="session"/>.</summary>
    public CheckpointNotFoundException(SessionAddress session, string checkpoint)
        : base($"Session {session} has no checkpoint {checkpoint}.") => (Session, Checkpoint) = (session, checkpoint);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The checkpoint as the caller named it: an id, a sequence number, or <c>latest</c>.</summary>
    [Id(1)]
    public string Checkpoint { get; }

    /// <inheritdoc/>
    public override string Code => "checkpoint_not_found";

}
