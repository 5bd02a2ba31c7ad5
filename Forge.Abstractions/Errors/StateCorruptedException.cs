using Forge.Identity;

namespace Forge.Errors;

/// <summary>What the database holds for a checkpoint is not what was saved. Every other checkpoint stays readable.</summary>
[GenerateSerializer, Alias("forge.error.state_corrupted")]
public sealed class StateCorruptedException : ForgeException
{
    /// <summary>Makes the error for one damaged row.</summary>
    public StateCorruptedException(
        SessionAddress session, long sequence, CheckpointId checkpoint, string problem, Exception? innerException = null)
        : base($"Checkpoint {sequence} ({checkpoint}) of session {session} is damaged: {problem}.", innerException) =>
        (Session, Sequence, Checkpoint, Problem) = (session, sequence, checkpoint, problem);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The sequence of the damaged checkpoint; 0 if it is not known.</summary>
    [Id(1)]
    public long Sequence { get; }

    /// <summary>The id of the damaged checkpoint.</summary>
    [Id(2)]
    public CheckpointId Checkpoint { get; }

    /// <summary>What does not fit.</summary>
    [Id(3)]
    public string Problem { get; }

    /// <inheritdoc/>
    public override string Code => "state_corrupted";

}
