using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>The log of a session: what happened to it, at positions 1, 2, 3 … without holes.</summary>
internal interface ISessionLog
{
    /// <summary>
    /// Reads what stands after a position, all of one instant: creates, other events and gaps, merged by rising position. The
    /// entries of a page follow each other without holes, and the next page begins after <see cref="LogEntry.LastPosition"/>
    /// of the last one.
    /// </summary>
    /// <param name="address">The session.</param>
    /// <param name="after">The position; 0 to begin.</param>
    /// <param name="limit">The most entries, from 1.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The page, empty if nothing is after the position; null if there is no such session or it is deleted.</returns>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<LogPage?> ReadAsync(SessionAddress address, long after, int limit, CancellationToken cancellationToken);
}

/// <summary>A page of a log.</summary>
/// <param name="LastPosition">The newest position of the session when it was read.</param>
/// <param name="Entries">What stands there, by rising position.</param>
internal sealed record LogPage(long LastPosition, IReadOnlyList<LogEntry> Entries);
