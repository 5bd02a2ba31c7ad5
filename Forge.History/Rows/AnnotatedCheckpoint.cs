using Forge.Checkpoints;

namespace Forge.History.Rows;

/// <summary>A row with its annotations, as a session leaves the store and comes into it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Annotations">The annotations, oldest first.</param>
internal sealed record AnnotatedCheckpoint(StoredCheckpoint Row, IReadOnlyList<Annotation> Annotations);
