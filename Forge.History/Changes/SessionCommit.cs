using System.Diagnostics;
using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Changes;

/// <summary>
/// All that one session changes in one commit. A store writes the whole of it or nothing, and only if the head row
/// still has <see cref="ExpectedVersion"/>.
/// </summary>
internal sealed record SessionCommit
{
    private readonly IReadOnlyList<SessionChange> _changes = [];
    private readonly bool _arePlain;

    public required SessionAddress Address { get; init; }

    /// <summary>The version that the head row must have; 0 if there must be no row yet.</summary>
    public required long ExpectedVersion { get; init; }

    /// <summary>The head row afterwards. Its version is one more than the expected, its key is set, its last batch is not:
    /// the store writes the id of the batch there.</summary>
    public required SessionHead Head { get; init; }

    /// <summary>
    /// What changes, in order, as <see cref="ChangeList.Join"/> leaves it: creates by rising sequence, other tags of a
    /// checkpoint at most once, and work of a kind at most once.
    /// </summary>
    public IReadOnlyList<SessionChange> Changes
    {
        get => _changes;
        init
        {
            (_changes, CreateCount, _arePlain) = (value, 0, true);
            for (var i = 0; i < value.Count; i++)
            {
                if (value[i] is Created { Row: var row })
                {
                    CreateCount++;
                    _arePlain &= row.IsPlain;
                }
            }
        }
    }

    /// <summary>
    /// How many data keys of the tenant were destroyed when its states were encoded: a store that seals takes it only if no more are, for the
    /// states may stand on one that cannot be opened any more. Null if they stand on nothing.
    /// </summary>
    public int? DestroyedKeys { get; init; }

    /// <summary>Where the calls that it is the work of are in their traces; none if nobody traces them.</summary>
    public IReadOnlyList<ActivityContext> Calls { get; init; } = [];

    /// <summary>How many checkpoints it creates.</summary>
    public int CreateCount { get; private init; }

    /// <summary>True if checkpoints come with it, created or taken over.</summary>
    public bool BringsCheckpoints => CreateCount > 0 || Changes.Any(c => c is TookOver);

    /// <summary>True if it is what nearly all commits are: plain creates in a session that is there, and nothing else.</summary>
    public bool IsPlain => ExpectedVersion > 0 && CreateCount > 0 && CreateCount == Changes.Count && _arePlain;

    /// <summary>True if something in it needs room on the disk.</summary>
    public bool NeedsRoom
    {
        get
        {
            for (var i = 0; i < Changes.Count; i++)
            {
                if (Changes[i].NeedsRoom)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>What counts against the bounds of queues and batches: about what crosses the wire, in bytes.</summary>
    public long Weight { get; init; }

    /// <summary>Has a visitor apply the changes in their order.</summary>
    public void Apply(IChangeVisitor visitor)
    {
        for (var i = 0; i < Changes.Count; i++)
        {
            Changes[i].Accept(visitor);
        }
    }
}

internal readonly record struct NewAnnotation(
    long Sequence, long Position, DateTimeOffset At, AnnotationSeverity Severity, string Text);

/// <summary>
/// The requests that end a life of a session's name and begin one. They are remembered over the erasure of what a life held, so that a
/// late repeat neither ends nor begins another one.
/// </summary>
internal static class LifeRequests
{
    public const string Delete = "deleteSession";
    public const string Revive = "reviveSession";

    public static bool Includes(string kind) => kind is Delete or Revive;

    /// <summary>A condition that holds for a row of remembered requests which is of one.</summary>
    /// <param name="alias">The row.</param>
    public static string Are(string alias) => $"{alias}.kind IN ('{Delete}', '{Revive}')";
}

/// <summary>A request that took effect, kept for the request window.</summary>
/// <param name="Id">The request id.</param>
/// <param name="At">When it took effect; a create that is remembered because its checkpoint went: when it was created.</param>
/// <param name="Kind">Which operation it was.</param>
/// <param name="Outcome">What a repeat is answered with, and compared to: a JSON object; of a create, what <see cref="Chain.RemovedCreate"/> wrote.</param>
internal readonly record struct RememberedRequest(Guid Id, DateTimeOffset At, string Kind, string Outcome)
{
    /// <summary>
    /// The kind of what became of the pending writes of a create, beside its checkpoint. It takes the place of that of an earlier create
    /// with the id, whose checkpoint went and which nobody remembers any more.
    /// </summary>
    public const string CreateWrites = "createWrites";
}
