using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Portability;

/// <summary>The answer to an import.</summary>
/// <param name="Imported">How many checkpoints were added.</param>
/// <param name="Skipped">How many were there already, the same.</param>
[GenerateSerializer, Immutable, Alias("forge.import-result")]
public sealed record ImportResult([property: Id(0)] long Imported, [property: Id(1)] long Skipped)
{
    /// <summary>What was changed on the way in; null if the document was one of Forge's own, which come in as they are.</summary>
    [Id(2)]
    public EarlierImportReport? Earlier { get; init; }

    /// <summary>
    /// How many of the added checkpoints have a time more than five minutes ahead of the silo's clock. They keep it, and what is
    /// created after them has no earlier one.
    /// </summary>
    [Id(4)]
    public long Early { get; init; }

    /// <summary>The anchor that the import made; null if nothing was new.</summary>
    [Id(3)]
    public Anchor? Anchor { get; init; }

    /// <summary>How many effects were added.</summary>
    [Id(5)]
    public long Effects { get; init; }
}
