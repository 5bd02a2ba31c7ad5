namespace Forge.Integrity;

/// <summary>One thing that is not as it was written, and where.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Position">The position in the session's log; 0 if it has none or it is not known.</param>
/// <param name="Sequence">The sequence of the checkpoint; 0 if it is none.</param>
/// <param name="Problem">The problem, for a person.</param>
[GenerateSerializer, Immutable, Alias("forge.damage")]
public sealed record Damage(
    [property: Id(0)] DamageKind Kind,
    [property: Id(1)] long Position,
    [property: Id(2)] long Sequence,
    [property: Id(3)] string Problem);
