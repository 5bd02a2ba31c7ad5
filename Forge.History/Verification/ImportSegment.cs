using Forge.History.Chain;
using Forge.History.Changes;

namespace Forge.History.Verification;

/// <summary>The positions that an import's checkpoints have, with the ends of their own chain.</summary>
/// <param name="First">The first position.</param>
/// <param name="Last">The last position; the import's event comes after it.</param>
/// <param name="Event">The position of the import's event.</param>
/// <param name="Begin">The chain value before the first.</param>
/// <param name="End">The chain value of the last.</param>
/// <param name="Before">The value of the session's own chain before the import.</param>
internal sealed record ImportSegment(long First, long Last, long Event, byte[] Begin, byte[] End, byte[] Before)
{
    /// <summary>Reads what an import's event says; null if it is none, or says nothing of positions.</summary>
    public static ImportSegment? Of(SessionEvent happened)
    {
        if (happened.Kind != SessionEventKind.Imported
            || EventDetail.Read(happened.Detail) is not { Position: { } first, Count: { } count, Links: { } links, Before: { } before } detail)
        {
            return null;
        }

        try
        {
            return new ImportSegment(
                first, first + count - 1, happened.Position,
                HistoryChain.ImportGenesis(detail.Document is { } document ? Convert.FromHexString(document) : null),
                Convert.FromHexString(links), Convert.FromHexString(before));
        }
        catch (FormatException)
        {
            // A detail that was changed is found by its event's chain value.
            return null;
        }
    }

    public bool Has(long position) => position >= First && position <= Last;
}
