namespace Forge.History.Stores;

/// <summary>What a search found, in the order asked for.</summary>
/// <param name="Rows">At most as many as were asked for. Fewer, or none, if as many as may be were looked at.</param>
/// <param name="GoesOnAfter">The place that it goes on after; null if there is no more.</param>
internal sealed record FoundPage<TRow, TPlace>(IReadOnlyList<TRow> Rows, TPlace? GoesOnAfter)
    where TPlace : struct;
