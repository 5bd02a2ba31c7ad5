namespace Forge.Portability;

/// <summary>The answer to an import.</summary>
/// <param name="Imported">How many checkpoints were added.</param>
/// <param name="Skipped">How many were there already, the same.</param>
[GenerateSerializer, Immutable, Alias("forge.import-result")]
public sealed record ImportResult([property: Id(0)] long Imported, [property: Id(1)] long Skipped);
