using Forge.History.Rows;

namespace Forge.History.Chain;

/// <summary>What a forked event says of the origin, so that the chain covers the link to it.</summary>
/// <param name="Session">The origin's name.</param>
/// <param name="Sequence">The checkpoint's sequence.</param>
/// <param name="Id">The checkpoint's id.</param>
/// <param name="Chain">The checkpoint's chain value in hexadecimal; null if it had none.</param>
/// <param name="Life">Which life of the origin's name it was; null for the first.</param>
internal sealed record OriginDetail(string Session, long Sequence, string Id, string? Chain, int? Life)
{
    public static OriginDetail Of(ForkLink link) => new(
        link.Origin,
        link.Sequence,
        link.Id.ToString(),
        link.Chain is { } chain ? Convert.ToHexStringLower(chain) : null,
        link.OriginIncarnation == 1 ? null : link.OriginIncarnation);
}
