using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.Grains.Sessions;

/// <summary>A checkpoint as a read of one version of its session shows it, but for its state.</summary>
/// <param name="Row">Its row, without what is stored of its state.</param>
/// <param name="KeptParent">The nearest of its ancestors that is there; 0 for none.</param>
/// <param name="Annotations">Its annotations, oldest first; null if they are not known.</param>
internal readonly record struct ShownCheckpoint(StoredCheckpoint Row, long KeptParent, IReadOnlyList<Annotation>? Annotations)
{
    public CheckpointSummary ToSummary() => Row.ToSummary() with { KeptParent = KeptParent };
}
