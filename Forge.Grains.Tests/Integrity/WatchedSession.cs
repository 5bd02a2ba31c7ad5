using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Integrity;

/// <summary>Counts what a verification reads of the events of some checkpoints.</summary>
internal sealed class WatchedSession(IStoredSession inner, List<WatchedSession.Window> windows) : IStoredSession
{
    public SessionHead Head => inner.Head;

    public Task<IReadOnlyList<SessionBranch>> BranchesAsync(CancellationToken cancellationToken) => inner.BranchesAsync(cancellationToken);

    public async Task<IReadOnlyList<SessionEvent>> EventsOfAsync(
        long sequence, long after, long last, int limit, CancellationToken cancellationToken)
    {
        var events = await inner.EventsOfAsync(sequence, after, last, limit, cancellationToken);
        if (windows.Count == 0 || windows[^1].Checkpoints.Last != last)
        {
            windows.Add(new Window(new SequenceRange(sequence, last), 0, 0));
        }

        windows[^1] = windows[^1] with
        {
            Events = windows[^1].Events + events.Count,
            Bytes = windows[^1].Bytes + events.Sum(e => sizeof(char) * (e.Detail?.Length ?? 0)),
        };
        return events;
    }

    public Task<IReadOnlyList<SessionEvent>> CompactionsAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.CompactionsAsync(after, limit, cancellationToken);

    public Task<IReadOnlyList<SessionEvent>> ImportsAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.ImportsAsync(after, limit, cancellationToken);

    public Task<IReadOnlyList<StoredEffect>> EffectsAsync(EffectPlace after, CancellationToken cancellationToken) =>
        inner.EffectsAsync(after, cancellationToken);

    public Task<ForkLink?> OriginAsync(CancellationToken cancellationToken) => inner.OriginAsync(cancellationToken);

    public Task<IReadOnlyList<StoredRow>> RowsAsync(long after, CancellationToken cancellationToken) =>
        inner.RowsAsync(after, cancellationToken);

    public Task<StoredState> WithBasesAsync(StoredCheckpoint row, CancellationToken cancellationToken) =>
        inner.WithBasesAsync(row, cancellationToken);

    public Task<IReadOnlyList<SessionEvent>> EventsAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.EventsAsync(after, limit, cancellationToken);

    public Task<long> MarksBytesAsync(SequenceRange checkpoints, CancellationToken cancellationToken) =>
        inner.MarksBytesAsync(checkpoints, cancellationToken);

    public Task<IReadOnlyList<(Requirement Row, bool IsSaid)>> IndexedRequirementsAsync(
        Requirement after, int limit, CancellationToken cancellationToken) =>
        inner.IndexedRequirementsAsync(after, limit, cancellationToken);

    public Task<IReadOnlyList<long>> OrphansAsync(Orphans of, long after, int limit, CancellationToken cancellationToken) =>
        inner.OrphansAsync(of, after, limit, cancellationToken);

    public Task<IReadOnlyList<Requirement>> RequirementsAsync(
        IReadOnlyList<long> required, SequenceRange by, CancellationToken cancellationToken) => inner.RequirementsAsync(required, by, cancellationToken);

    public Task<IReadOnlyList<long>> VisibleAsync(IReadOnlyList<long> sequences, CancellationToken cancellationToken) =>
        inner.VisibleAsync(sequences, cancellationToken);

    public Task<IReadOnlyList<StoredWriteRow>> WritesAsync(WritePosition? after, int limit, CancellationToken cancellationToken) =>
        inner.WritesAsync(after, limit, cancellationToken);

    public Task<IReadOnlyList<RemovedRun>> RunsAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.RunsAsync(after, limit, cancellationToken);

    public Task<IReadOnlyList<StoredTag>> TagsAsync(SequenceRange checkpoints, CancellationToken cancellationToken) =>
        inner.TagsAsync(checkpoints, cancellationToken);

    public Task<IReadOnlyList<NewAnnotation>> AnnotationsAsync(SequenceRange checkpoints, CancellationToken cancellationToken) =>
        inner.AnnotationsAsync(checkpoints, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>The events that were read of some checkpoints, and the bytes of what they tell.</summary>
    internal sealed record Window(SequenceRange Checkpoints, int Events, long Bytes);
}
