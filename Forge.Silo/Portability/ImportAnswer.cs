using System.Text.Json.Serialization;
using Forge.Portability;

namespace Forge.Silo.Portability;

/// <summary>What an import did.</summary>
/// <param name="Imported">How many checkpoints were added.</param>
/// <param name="Skipped">How many were there already, the same.</param>
/// <param name="Early">How many of the added ones have a time more than five minutes ahead of the silo's clock; left out for none.</param>
/// <param name="Effects">How many effects were added; left out for none.</param>
/// <param name="Earlier">What was changed in a document of the earlier single-process tool; left out for any other.</param>
internal sealed record ImportAnswer(
    long Imported,
    long Skipped,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Early,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Effects,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EarlierImportReport? Earlier)
{
    public static ImportAnswer Of(ImportResult result) => new(result.Imported, result.Skipped, result.Early, result.Effects, result.Earlier);
}
