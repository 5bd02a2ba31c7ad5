using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Reclaiming;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>Due work of the history and what it consists of: it changes what is stored, and nothing that a session shows.</summary>
internal interface IUpkeep
{
    /// <summary>
    /// False while the disk is full, and nothing is written but what frees space. Work that fails then fails for want of room.
    /// </summary>
    bool HasRoom { get; }

    /// <summary>The name of the session with a key, also of a deleted one; null if no session has it.</summary>
    Task<SessionAddress?> ReadAddressAsync(long key, CancellationToken cancellationToken);

    /// <summary>When something was last imported into the session with a key; null for never.</summary>
    Task<DateTimeOffset?> ReadImportedAtAsync(long key, CancellationToken cancellationToken);

    /// <summary>
    /// Takes the piece of work of a kind that has been due the longest and that nobody holds; null if there is none.
    /// </summary>
    /// <param name="kind">The kind.</param>
    /// <param name="owner">Who takes it.</param>
    /// <param name="now">The time.</param>
    /// <param name="latest">What is due later than this was noted when a clock was ahead, and is due too.</param>
    /// <param name="lease">For how long it is taken. Whoever holds work for <see cref="ClockSkew.Most"/> longer than that from now,
    /// does so by a clock that was ahead, and holds it no more.</param>
    /// <param name="cancellationToken">Cancels the claim.</param>
    Task<DueWork?> ClaimDueWorkAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, DateTimeOffset latest, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>The work of a kind for a session, whether or not it is due or claimed; null if there is none.</summary>
    Task<DueWork?> FindDueWorkAsync(DueWorkKind kind, long key, CancellationToken cancellationToken);

    /// <summary>
    /// Does one step of claimed work that removes rows (<c>Reclaim</c>, <c>Staging</c>, <c>Erase</c>): it removes at most
    /// <paramref name="limit"/> checkpoints and ends early at <see cref="WorkStep.StoredBytes"/>. When nothing is left, the work
    /// itself goes. Rows that a living session shows are never removed, whatever the work says, and rows that such a row is
    /// decoded on are hidden instead. Of the removed checkpoints those created after <paramref name="rememberSince"/> are
    /// remembered as requests in the same transaction (<see cref="RemovedCreate"/>); of a deleted session none is.
    /// </summary>
    /// <returns>True if the work is done.</returns>
    Task<bool> DoWorkAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken);

    /// <summary>
    /// Ends claimed work that is not done by <see cref="DoWorkAsync"/>: it goes, or comes due again. Work that was noted
    /// again since it was claimed does not go: whoever noted it may have come too late for what was just done.
    /// </summary>
    /// <param name="work">The work as it was claimed.</param>
    /// <param name="again">When it is due again; null for never.</param>
    /// <param name="ifNoted">When it is due at the latest if it was noted meanwhile.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    Task FinishWorkAsync(DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted, CancellationToken cancellationToken);

    /// <summary>
    /// Puts claimed work off that failed, and counts the failure. It stays claimed until its lease is up, and put off if it is
    /// noted again.
    /// </summary>
    Task PutOffWorkAsync(DueWork work, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Sees to it that there is the one piece of work that walks over all sessions.</summary>
    Task BeginWalkAsync(DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>The next sessions that live, by rising key.</summary>
    /// <param name="after">The key before the first.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<IReadOnlyList<WalkedSession>> WalkAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Moves the claimed walk on and notes what it found to do, in one transaction; nothing if another silo has moved
    /// it. Work that is there already stays as it is.
    /// </summary>
    Task AdvanceWalkAsync(DueWork walk, WalkStep step, CancellationToken cancellationToken);

    /// <summary>
    /// Notes of sessions by their keys when they were active, as their head rows say: what a search by activity goes by. Those that are
    /// deleted are passed over, and a time is never set back.
    /// </summary>
    /// <param name="keys">The keys, each once.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <returns>How many had another time before.</returns>
    Task<int> NoteActivityAsync(IReadOnlyList<long> keys, CancellationToken cancellationToken);

    /// <summary>The same of all sessions with keys above one and up to another. What is left of sessions that do not live goes.</summary>
    /// <param name="after">The key before the first.</param>
    /// <param name="last">The last key.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <returns>How many were put right.</returns>
    Task<int> MendActivityAsync(long after, long last, CancellationToken cancellationToken);

    /// <summary>
    /// Removes old events of a living session's log, in one transaction, and leaves removed runs for them: those that are
    /// neither among its <paramref name="newest"/> positions nor as young as <paramref name="since"/>, none after one that
    /// is, and none that a verification of what is stored needs (<see cref="EventTrim"/>). What an import brought is as old as
    /// the import. Events of after <paramref name="now"/> are of a clock that was ahead: they stay, and hold up no others.
    /// </summary>
    /// <param name="key">The session.</param>
    /// <param name="after">The position that the step goes on after; 0 to begin.</param>
    /// <param name="newest">How many positions are kept whatever their age.</param>
    /// <param name="since">Events from this time on are kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="limit">How many events are looked at.</param>
    /// <param name="cancellationToken">Cancels the change.</param>
    /// <returns>The position to go on after; null if there is no more to look at.</returns>
    Task<long?> TrimEventsAsync(
        long key, long after, long newest, DateTimeOffset since, DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets at most <paramref name="limit"/> requests older than <paramref name="before"/>; says how many went.</summary>
    Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Makes what removed rows held unreadable in the database's own files, as far as the database can: SQLite empties its
    /// free list and its log, PostgreSQL vacuums. In steps that hold up no commit for longer than a moment.
    /// </summary>
    /// <returns>False if something is in the way, as a long read is: to be tried again.</returns>
    Task<bool> PurgeAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Gives free pages back to the file system, as far as that takes a moment. Does nothing if the database does that by
    /// itself.
    /// </summary>
    /// <returns>True if no more are free than may be.</returns>
    Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken);
}
