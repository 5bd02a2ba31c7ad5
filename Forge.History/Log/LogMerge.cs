using System.Runtime.CompilerServices;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.Log;

/// <summary>Reads a page after a position, by rising position; an empty one ends it.</summary>
internal delegate ValueTask<IReadOnlyList<T>> PageAfter<T>(long position, int limit, CancellationToken cancellationToken);

/// <summary>
/// The one place where a session's log is put together from what is stored: events and removed runs are brought in between the
/// rows of checkpoints, which their reader gives by rising position.
/// </summary>
/// <param name="events">Reads events, those of removed checkpoints too.</param>
/// <param name="runs">Reads removed runs, by their first positions.</param>
/// <param name="after">The position before the first that is wanted.</param>
/// <param name="limit">How many are read at a time.</param>
internal sealed class LogMerge(PageAfter<SessionEvent> events, PageAfter<RemovedRun> runs, long after, int limit)
{
    private readonly Source<SessionEvent> _events = new(events, e => e.Position, after, limit);
    private readonly Source<RemovedRun> _runs = new(runs, r => r.FirstPosition, after, limit);

    /// <summary>Takes what stands before a position and was not taken yet, by rising position.</summary>
    public async IAsyncEnumerable<LogEntry> BeforeAsync(long position, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var (nextEvent, nextRun) = (await _events.PeekAsync(cancellationToken), await _runs.PeekAsync(cancellationToken));
            if (Math.Min(nextEvent, nextRun) >= position)
            {
                yield break;
            }

            yield return nextRun <= nextEvent ? Gap(_runs.Take()) : Entry(_events.Take());
        }
    }

    /// <summary>The entry of an event.</summary>
    public static LogEntry Entry(SessionEvent happened) => happened.Kind switch
    {
        SessionEventKind.Created when RemovedCheckpoint.Read(happened) is { } gone => new CreatedEntry(
            gone.Position, gone.At, gone.Id, gone.Sequence, gone.Parent, gone.Trigger, gone.Size, IsThere: false, gone.Chain),
        SessionEventKind.Restored => new RestoredEntry(happened),
        SessionEventKind.Deleted => new DeletedEntry(happened),
        SessionEventKind.Compacted => new CompactedEntry(happened),
        SessionEventKind.Annotated => new AnnotatedEntry(happened),
        SessionEventKind.Tagged => new TaggedEntry(happened),
        SessionEventKind.Written => new WrittenEntry(happened),
        SessionEventKind.Forked => new ForkedEntry(happened),
        SessionEventKind.Imported => new ImportedEntry(happened),
        SessionEventKind.Claimed => new ClaimedEntry(happened),
        SessionEventKind.Released => new ReleasedEntry(happened),
        SessionEventKind.Revived => new RevivedEntry(happened),
        _ => new OtherEntry(happened),
    };

    private static GapEntry Gap(RemovedRun run) => new(run.FirstPosition, run.LastPosition, run);

    private sealed class Source<T>(PageAfter<T> read, Func<T, long> position, long after, int limit)
    {
        private readonly Queue<T> _read = [];
        private long _last = after;
        private bool _more = true;

        /// <summary>The position of the next; the greatest number if there is none.</summary>
        public async ValueTask<long> PeekAsync(CancellationToken cancellationToken)
        {
            if (_read.Count == 0 && _more)
            {
                var page = await read(_last, limit, cancellationToken);
                _more = page.Count > 0;
                foreach (var item in page)
                {
                    _read.Enqueue(item);
                    _last = position(item);
                }
            }

            return _read.TryPeek(out var next) ? position(next) : long.MaxValue;
        }

        public T Take() => _read.Dequeue();
    }
}
