using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.InMemory;

/// <summary>All that is stored of a session, as it was when it was opened: rows do not change.</summary>
internal sealed class InMemoryStoredSession(SessionRows rows) : IStoredSession
{
    public SessionHead Head { get; } = rows.Head!;

    public Task<IReadOnlyList<StoredRow>> RowsAsync(long after, int limit, CancellationToken cancellationToken) => Answer(
        rows.Checkpoints.Values.Where(c => c.Sequence > after).Take(limit)
            .Select(c => new StoredRow(c.Sequence, c with { Annotations = [] }, !rows.IsVisible(c.Sequence))),
        cancellationToken);

    public Task<StoredCheckpoint> WithBasesAsync(StoredCheckpoint row, CancellationToken cancellationToken) =>
        Task.FromResult(rows.WithBases(row));

    public Task<IReadOnlyList<SessionEvent>> EventsAsync(long after, int limit, CancellationToken cancellationToken) =>
        Answer(rows.Events.Values.Where(e => e.Position > after).Take(limit), cancellationToken);

    public Task<IReadOnlyList<SessionEvent>> EventsOfAsync(
        SequenceRange checkpoints, long after, int limit, CancellationToken cancellationToken) => Answer(
            rows.Events.Values.Where(e => e.Position > after
                && (e.Kind is SessionEventKind.Compacted or SessionEventKind.Imported
                    || (e.Sequence >= checkpoints.First && e.Sequence <= checkpoints.Last))).Take(limit),
            cancellationToken);

    public Task<IReadOnlyList<RemovedRun>> RunsAsync(long after, int limit, CancellationToken cancellationToken) =>
        Answer(rows.Runs.Values.Where(r => r.FirstPosition > after).Take(limit), cancellationToken);

    // Tags are found by the rows themselves here, so there is no index that could differ.
    public Task<IReadOnlyList<StoredTag>> TagsAsync(SequenceRange checkpoints, CancellationToken cancellationToken) => Answer(
        In(checkpoints).SelectMany(c => c.Tags, (c, tag) => new StoredTag(c.Sequence, tag)), cancellationToken);

    public Task<IReadOnlyList<NewAnnotation>> AnnotationsAsync(
        SequenceRange checkpoints, CancellationToken cancellationToken) => Answer(
            In(checkpoints).SelectMany(
                c => c.Annotations, (c, a) => new NewAnnotation(c.Sequence, a.Position, a.At, a.Severity, a.Text)),
            cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IEnumerable<StoredCheckpoint> In(SequenceRange checkpoints) =>
        rows.Checkpoints.Values.Where(c => c.Sequence >= checkpoints.First && c.Sequence <= checkpoints.Last);

    private static Task<IReadOnlyList<T>> Answer<T>(IEnumerable<T> items, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IReadOnlyList<T>>([.. items]);
    }
}
