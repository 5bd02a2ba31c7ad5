using System.Diagnostics;
using Forge.Grains.Usage;
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

    /// <summary>What is written, in order.</summary>
    public required IReadOnlyList<SessionChange> Changes
    {
        get;
        init
        {
            field = value;
            for (var i = 0; i < value.Count; i++)
            {
                Weight += value[i].Weight;
            }
        }
    }

    /// <summary>What it counts in the bounds of queues and batches.</summary>
    public int Records { get; init; } = 1;

    /// <summary>What the clock said when it brought checkpoints; null if it brings none.</summary>
    public DateTimeOffset? BroughtAt { get; init; }

    /// <summary>The event that tells of it, the last if there are several; null for none.</summary>
    public SessionEvent? Event => Changes.OfType<Logged>().LastOrDefault()?.Event;

    /// <summary>True if it needs room on the disk.</summary>
    public bool NeedsRoom => Changes.Any(c => c.NeedsRoom);

    /// <summary>True if it removes checkpoints by ranges.</summary>
    public bool RemovesRanges => Changes.Any(c => c is RangeRemoved);

    /// <summary>True if it removes a checkpoint with others, not by itself.</summary>
    public bool RemovesInRange(long sequence) =>
        Changes.Any(c => c is RangeRemoved { Range: var range } && sequence >= range.First && sequence <= range.Last);

    /// <summary>True if it brings a checkpoint that requires another one, or may do so.</summary>
    public bool MayRequire(long sequence) => Changes.Any(
        c => c is TookOver { Require: true } || (c is Created { Row.Requires: { } requires } && RequiredText.Read(requires).Contains(sequence)));

    /// <summary>True if it notes work of a kind.</summary>
    public bool Notes(DueWorkKind kind)
    {
        for (var i = 0; i < Changes.Count; i++)
        {
            if (Changes[i] is Due due && due.Kind == kind)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the head afterwards has that it had not before, in bytes.</summary>
    public long HeadWeight
    {
        init => Weight += value;
    }

    /// <summary>About the bytes that it takes while it waits and on the wire.</summary>
    public long Weight { get; private set; } = 256;

    /// <summary>Where the call that it is the work of is in its trace; null if nobody traces it.</summary>
    public ActivityContext? Call { get; set; }

    /// <summary>What it adds to what its tenant has, if that is bounded.</summary>
    public Amount Growth { get; set; }

    /// <summary>True once its outcome is known.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>The outcome; of no meaning before <see cref="IsSettled"/>.</summary>
    public CommitOutcome Outcome { get; private set; }

    public void Settle(CommitOutcome outcome) => (IsSettled, Outcome) = (true, outcome);
}
