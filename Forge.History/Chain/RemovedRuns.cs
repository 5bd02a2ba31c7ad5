using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.History.Chain;

/// <summary>Makes removed runs, with their seals.</summary>
internal static class RemovedRuns
{
    /// <summary>The run of one link that goes.</summary>
    public static RemovedRun Of(RemovedLink link) => Sealed(new(
        link.Position, link.Position, link.Sequence > 0 ? 1 : 0, link.Size, link.Sequence, link.Chain, 0));

    /// <summary>A run and the one that begins where it ends, as one.</summary>
    public static RemovedRun Then(this RemovedRun run, RemovedRun next) => next.FirstPosition != run.LastPosition + 1
        ? throw new InvalidOperationException($"The run from {next.FirstPosition} does not follow the one to {run.LastPosition}.")
        : Sealed(new(
            run.FirstPosition, next.LastPosition, run.Creates + next.Creates, run.Bytes + next.Bytes,
            Math.Max(run.LastSequence, next.LastSequence), next.Chain, 0));

    /// <summary>Adds links to the runs that are there and merges neighbours.</summary>
    /// <param name="runs">The runs that touch the links, in any order.</param>
    /// <param name="links">What goes; links of position 0 (imported checkpoints) leave nothing.</param>
    /// <returns>The runs that are there afterwards instead of <paramref name="runs"/>, by rising position.</returns>
    public static List<RemovedRun> Merge(IEnumerable<RemovedRun> runs, IEnumerable<RemovedLink> links)
    {
        var merged = new List<RemovedRun>();
        foreach (var run in runs.Concat(links.Where(l => l.Position > 0).Select(Of)).OrderBy(r => r.FirstPosition))
        {
            if (merged.Count > 0 && merged[^1].LastPosition + 1 == run.FirstPosition)
            {
                merged[^1] = merged[^1].Then(run);
            }
            else
            {
                merged.Add(run);
            }
        }

        return merged;
    }

    private static RemovedRun Sealed(RemovedRun run) => run with { Seal = RowSeal.OfRun(run) };
}

/// <summary>A position of a session's log whose row goes.</summary>
/// <param name="Position">The position; 0 for an imported checkpoint, which has none.</param>
/// <param name="Sequence">The sequence that was created at it; 0 if it was no create.</param>
/// <param name="Size">The size of the created state as saved; 0 if it was no create.</param>
/// <param name="Chain">Its chain value; null if it has none.</param>
internal readonly record struct RemovedLink(long Position, long Sequence, long Size, byte[]? Chain)
{
    /// <summary>The link of an event, also of the created event of a checkpoint whose row went before.</summary>
    public static RemovedLink Of(SessionEvent happened) => RemovedCheckpoint.Read(happened) is { } created
        ? new(created.Position, created.Sequence, created.Size, created.Chain)
        : new(happened.Position, 0, 0, happened.Chain);
}
