using Forge.Errors;
using Forge.Operations;

namespace Forge.Checkpoints;

/// <summary>Attaches a note to a checkpoint.</summary>
/// <param name="Checkpoint">Which one.</param>
/// <param name="Severity">How grave the note is.</param>
/// <param name="Text">The note: 1 byte to 16 KiB of UTF-8 by default, no NUL.</param>
/// <exception cref="CheckpointNotFoundException">It is not there.</exception>
/// <exception cref="InvalidRequestException">The text is empty or holds a NUL.</exception>
/// <exception cref="OverLimitException">The text is too long, or the checkpoint has too many notes.</exception>
[GenerateSerializer, Immutable, Alias("forge.annotate-checkpoint")]
public sealed record AnnotateCheckpoint(
    [property: Id(0)] CheckpointReference Checkpoint,
    [property: Id(1)] AnnotationSeverity Severity,
    [property: Id(2)] string Text) : Change<Annotation>;
