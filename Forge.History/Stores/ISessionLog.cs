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
    /// <param name="after">The position; 0 to begin, and null to begin with the oldest that is kept.</param>
    /// <param name="limit">The most entries, from 1.</param>
    /// <param name="bytes">A page ends with the entry that brings its texts to so many bytes, from 1.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The page, empty if nothing is after the position; null if there is no such session or it is deleted.</returns>
    /// <exception cref="Errors.UnavailableException">The database cannot be reached or does not answer in time.</exception>
    Task<LogPage?> ReadAsync(SessionAddress address, long? after, int limit, long bytes, CancellationToken cancellationToken);
}

/// <summary>A page of a log.</summary>
/// <param name="Version">The version of the session when it was read.</param>
/// <param name="LastPosition">The newest position of the session when it was read.</param>
/// <param name="Oldest">
/// The position from which on nothing was let go of: the end of the newest removed run, or of the life before; 0 if all is kept. Before
/// it single entries may stand that are kept for what is still stored.
/// </param>
/// <param name="Entries">What stands there, by rising position.</param>
internal sealed record LogPage(long Version, long LastPosition, long Oldest, IReadOnlyList<LogEntry> Entries);
