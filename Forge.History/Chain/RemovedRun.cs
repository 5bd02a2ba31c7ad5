using Forge.History.Changes;

namespace Forge.History.Chain;

/// <summary>
/// What stays of neighbouring positions of a session's log whose rows are gone: one record of a fixed size, however many
/// they were. Two runs never touch: they are one.
/// </summary>
/// <param name="FirstPosition">The first position.</param>
/// <param name="LastPosition">The last position, included.</param>
/// <param name="Creates">How many of the positions were creates; the others were other events.</param>
/// <param name="Bytes">The sum of the sizes of the created states as saved.</param>
/// <param name="LastSequence">The greatest sequence created in it; 0 for none.</param>
/// <param name="Chain">The chain value of the last position; null if it had none.</param>
/// <param name="Seal">The check over all of these (<see cref="RowSeal.OfRun"/>).</param>
internal sealed record RemovedRun(
    long FirstPosition, long LastPosition, long Creates, long Bytes, long LastSequence, byte[]? Chain, long Seal)
{
    /// <summary>The run of one link that goes.</summary>
    public static RemovedRun Of(RemovedLink link) => Sealed(new(
        link.Position, link.Position, link.Sequence > 0 ? 1 : 0, link.Size, link.Sequence, link.Chain, 0));

    /// <summary>This run and the one that begins where it ends, as one.</summary>
    public RemovedRun Then(RemovedRun next) => next.FirstPosition != LastPosition + 1
        ? throw new InvalidOperationException($"The run from {next.FirstPosition} does not follow the one to {LastPosition}.")
        : Sealed(new(
            FirstPosition, next.LastPosition, Creates + next.Creates, Bytes + next.Bytes,
            Math.Max(LastSequence, next.LastSequence), next.Chain, 0));

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
