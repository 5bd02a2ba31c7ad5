using Forge.Identity;

namespace Forge.Errors;

/// <summary>The session has no such checkpoint, or no longer has it.</summary>
[GenerateSerializer, Alias("forge.error.checkpoint_not_found")]
public sealed class CheckpointNotFoundException : ForgeException
{
    /// <summary>
    /// Makes the error for <paramref name="checkpoint"/> of <paramref name="session"/>, as <paramref name="field"/> names it.
    /// </summary>
    public CheckpointNotFoundException(SessionAddress session, string checkpoint, string? field = null)
        : base($"Session {session} has no checkpoint {checkpoint}{(field is null ? "" : $", which {field} names")}.") =>
        (Session, Checkpoint, Field) = (session, checkpoint, field);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The checkpoint as the caller named it: an id, a sequence number, <c>latest</c>, <c>current</c> or <c>none</c>.</summary>
    [Id(1)]
    public string Checkpoint { get; }

    /// <summary>
    /// The field of the request that names it, in the camel case of the HTTP surface, as in <c>parent</c>, <c>requires</c>, <c>to</c>
    /// and <c>checkpoints[3].parent</c>; null where it is what the call is about.
    /// </summary>
    [Id(2)]
    public string? Field { get; }

    /// <inheritdoc/>
    public override string Code => "checkpoint_not_found";
}
