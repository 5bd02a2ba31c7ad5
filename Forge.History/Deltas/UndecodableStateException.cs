using Forge.Errors;
using Forge.Identity;

namespace Forge.History.Deltas;

/// <summary>A row, or one that it is decoded on, does not hold what was encoded.</summary>
/// <param name="sequence">The row that is damaged, as far as can be told.</param>
/// <param name="checkpoint">Its id; empty if the row is not there.</param>
/// <param name="problem">What does not fit.</param>
internal sealed class UndecodableStateException(long sequence, CheckpointId checkpoint, string problem)
    : Exception($"The state of checkpoint {sequence} can't be decoded: {problem}.")
{
    public long Sequence { get; } = sequence;

    public CheckpointId Checkpoint { get; } = checkpoint;

    public string Problem { get; } = problem;

    /// <summary>The same as what callers are told.</summary>
    public StateCorruptedException InSession(SessionAddress session) => new(session, Sequence, Checkpoint, Problem, this);
}
