using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

/// <summary>
/// One accepted command: the records to commit, and the head as it is once they are. Waits in the engine until a commit
/// that holds it has ended; then it is settled, for good or ill.
/// </summary>
internal sealed class PendingChange
{
    /// <summary>The head once this and everything accepted before it is committed; its version is not set.</summary>
    public required HeadRead After { get; init; }

    public IReadOnlyList<StoredCheckpoint> Creates { get; init; } = [];

    public TagChange? TagChange { get; init; }

    public NewAnnotation? Annotation { get; init; }

    /// <summary>The sequence of a checkpoint that is deleted; 0 for none.</summary>
    public long Delete { get; init; }

    public IReadOnlyList<SequenceRange> Removals { get; init; } = [];

    public IReadOnlyList<long> Trunks { get; init; } = [];

    public SessionEvent? Event { get; init; }

    public IReadOnlyList<RememberedRequest> Requests { get; init; } = [];

    public NewDueWork? DueWork { get; init; }

    public long StagedKey { get; init; }

    public long StagedOffset { get; init; }

    /// <summary>What it counts in the bounds of queues and batches.</summary>
    public int Records => Math.Max(1, Creates.Count);

    /// <summary>About the bytes it takes on the wire.</summary>
    public long Weight { get; init; } = 256;

    /// <summary>True once its outcome is known.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>The outcome; of no meaning before <see cref="IsSettled"/>.</summary>
    public CommitOutcome Outcome { get; private set; }

    public void Settle(CommitOutcome outcome) => (IsSettled, Outcome) = (true, outcome);
}
