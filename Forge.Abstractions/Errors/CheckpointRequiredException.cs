using Forge.Identity;

namespace Forge.Errors;

/// <summary>A checkpoint was to be deleted that others require. Nothing was changed; once those are deleted, it can be.</summary>
[GenerateSerializer, Alias("forge.error.required")]
public sealed class CheckpointRequiredException : ForgeException
{
    /// <summary>The most checkpoints that one error names.</summary>
    public const int MostNamed = 10;

    /// <summary>Makes the error for the deletion of <paramref name="sequence"/>.</summary>
    public CheckpointRequiredException(SessionAddress session, long sequence, IReadOnlyList<long> requiredBy, long count)
        : base($"Checkpoint {sequence} of session {session} is required by {string.Join(", ", requiredBy)}{(
            count > requiredBy.Count ? $" and {count - requiredBy.Count} more" : "")}.") =>
        (Session, Sequence, RequiredBy, Count) = (session, sequence, requiredBy, count);

    /// <summary>The session that was asked.</summary>
    [Id(0)]
    public SessionAddress Session { get; }

    /// <summary>The sequence of the checkpoint that was to be deleted.</summary>
    [Id(1)]
    public long Sequence { get; }

    /// <summary>The sequences of those that require it, rising: the first ten.</summary>
    [Id(2)]
    public IReadOnlyList<long> RequiredBy { get; }

    /// <summary>How many require it.</summary>
    [Id(3)]
    public long Count { get; }

    /// <inheritdoc/>
    public override string Code => "required";
}
