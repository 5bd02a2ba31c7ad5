using Forge.Sessions;

namespace Forge.Integrity;

/// <summary>What a verification of one session found, true at the instant at which it began.</summary>
[GenerateSerializer, Immutable, Alias("forge.verify-result")]
public sealed record VerifyResult
{
    /// <summary>How many visible checkpoints are, with all that hangs on them, as they were written.</summary>
    [Id(0)]
    public required long Valid { get; init; }

    /// <summary>How many places are damaged: checkpoints, events, missing stretches, removals, the head row.</summary>
    [Id(1)]
    public required long Invalid { get; init; }

    /// <summary>The first damage that was met; null if there is none.</summary>
    [Id(2)]
    public Damage? FirstInvalid { get; init; }

    /// <summary>What is damaged, in the order in which it was met; at most 100, however many there are.</summary>
    [Id(3)]
    public IReadOnlyList<Damage> Damages { get; init; } = [];

    /// <summary>The anchors that were given and what became of them, in their order.</summary>
    [Id(4)]
    public IReadOnlyList<AnchorCheck> Anchors { get; init; } = [];

    /// <summary>How many positions were removed, by deletes, compactions and the trimming of the log.</summary>
    [Id(5)]
    public long Removed { get; init; }

    /// <summary>
    /// How many positions have no chain value, because they were written before sessions were chained: of those the states
    /// are checked, and nothing else.
    /// </summary>
    [Id(6)]
    public long Unchained { get; init; }

    /// <summary>The newest position and its chain value, to be kept as an anchor; null if nothing is chained.</summary>
    [Id(7)]
    public Anchor? Head { get; init; }

    /// <summary>
    /// How many visible checkpoints are encrypted by a key that cannot be had: nothing is found wrong with them, but message, state, annotations
    /// and the links of their chain values cannot be checked. They are not among <see cref="Valid"/>.
    /// </summary>
    [Id(8)]
    public long Unopened { get; init; }

    /// <summary>True if nothing is damaged and no anchor is broken.</summary>
    public bool IsIntact => Invalid == 0 && Anchors.All(a => a.Outcome != AnchorOutcome.Broken);
}
