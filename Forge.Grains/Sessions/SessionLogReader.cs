using Forge.Errors;
using Forge.Events;
using Forge.History.Log;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

/// <summary>Reads events from a session's log, and says so if one is missing that a caller would skip without knowing.</summary>
internal static class SessionLogReader
{
    /// <summary>A gap is told with what comes behind it, so that a page has room for both.</summary>
    private const int LeastEntries = 2;

    /// <summary>Events after a position, of one instant.</summary>
    /// <param name="session">The session.</param>
    /// <param name="after">The position, from 0; null to begin with the oldest that is kept.</param>
    /// <param name="limit">The most events, from 1.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="LogPositionExpiredException">Events after the position are not kept any more.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    /// <exception cref="StateCorruptedException">Positions are missing that should be there.</exception>
    /// <exception cref="InvalidRequestException">The session has not got as far as the position.</exception>
    public static async Task<LogRead> ReadAsync(LiveSession session, long? after, int limit, CancellationToken cancellationToken)
    {
        var (log, bytes) = (session.Services.Log, session.Services.Streams.BatchBytes);
        LogPage? page;
        while ((page = await log.ReadAsync(session.Address, after, Math.Max(limit, LeastEntries), bytes, cancellationToken)) is null)
        {
            var head = await session.Reads.ReadHeadAsync(session.Address, cancellationToken);
            session.NoteVersion(head?.Head.Version ?? 0);
            if (head is null)
            {
                return new LogRead([], Reached(after ?? 0, 0), 0);
            }

            if (head.Head.DeletedAt is not null)
            {
                throw new SessionDeletedException(session.Address);
            }

            // It came to be, or lives again, since the read.
        }

        session.NoteVersion(page.Version);
        return after < page.Oldest
            ? throw new LogPositionExpiredException(session.Address, after.Value, page.Oldest)
            : Take(session, page, Reached(after ?? page.Oldest, page.LastPosition), limit);
    }

    private static LogRead Take(LiveSession session, LogPage page, long position, int limit)
    {
        var events = new List<LogEvent>(page.Entries.Count);
        for (var i = 0; i < page.Entries.Count && events.Count < limit; i++)
        {
            var entry = page.Entries[i];
            if (LogEvents.Of(entry) is { } happened)
            {
                events.Add(happened);
                position = happened.Position;
            }
            else if (i + 1 < page.Entries.Count && !IsLeftEmpty((GapEntry)entry, page.Entries[i + 1]))
            {
                // What comes before it is told first.
                return events.Count > 0
                    ? new LogRead(events, position, page.LastPosition)
                    : throw Missing(session, entry.Position, entry.LastPosition);
            }
        }

        return events.Count == 0 && position < page.LastPosition
            ? throw Missing(session, position + 1, page.LastPosition)
            : new LogRead(events, position, page.LastPosition);
    }

    /// <summary>
    /// True if there never was anything: an import's checkpoints have the first positions, and those up to its event stay empty where
    /// annotations that came along have them as their own.
    /// </summary>
    private static bool IsLeftEmpty(GapEntry gap, LogEntry next) => gap.Run is null && next is ImportedEntry { Detail: var detail }
        && !(detail is { Position: { } first, Count: { } count } && gap.Position < first + count);

    /// <summary>A position that is yet to come is of another session, or of a database that was set back: waiting for it would skip what comes until then.</summary>
    private static long Reached(long after, long last) => after <= last
        ? after
        : throw new InvalidRequestException("after", $"must not be greater than {last}, the newest position of the session");

    private static StateCorruptedException Missing(LiveSession session, long first, long last) =>
        new(session.Address, 0, default, $"positions {first} to {last} of its log are missing; a verification tells more");
}

/// <summary>Events that were read from a log.</summary>
/// <param name="Events">The events, by rising position.</param>
/// <param name="Position">The position to go on after.</param>
/// <param name="Last">The newest position of the session at that instant.</param>
internal readonly record struct LogRead(IReadOnlyList<LogEvent> Events, long Position, long Last);
