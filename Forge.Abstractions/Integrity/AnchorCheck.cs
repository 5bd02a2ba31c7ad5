using Forge.Sessions;

namespace Forge.Integrity;

/// <summary>An anchor and what became of it.</summary>
/// <param name="Anchor">The anchor that was given.</param>
/// <param name="Outcome">What became of it.</param>
[GenerateSerializer, Immutable, Alias("forge.anchor-check")]
public readonly record struct AnchorCheck([property: Id(0)] Anchor Anchor, [property: Id(1)] AnchorOutcome Outcome);
