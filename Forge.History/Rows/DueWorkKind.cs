namespace Forge.History.Rows;

internal enum DueWorkKind : short
{
    /// <summary>
    /// Remove the rows in a session's removed ranges, or hide those that visible ones are decoded on, then the ranges.
    /// </summary>
    Reclaim = 1,

    /// <summary>Remove staged rows that no session took over.</summary>
    Staging = 2,

    /// <summary>Remove every row of a deleted session but its head row, and then note <see cref="Purge"/>.</summary>
    Erase = 3,

    /// <summary>Apply a session's policy and its time to live.</summary>
    Retain = 4,

    /// <summary>Look at all sessions for those that need <see cref="Retain"/> or <see cref="Trim"/>; one for the database.</summary>
    Walk = 5,

    /// <summary>Remove what a session's event log need not keep.</summary>
    Trim = 6,

    /// <summary>Make what was erased unreadable in the database's files; one for the database.</summary>
    Purge = 7,

    /// <summary>Remove the settled effects of a session that have the age for it.</summary>
    ForgetEffects = 8,

    /// <summary>Tell those who observe a session that a state of it is due, or record that one was missed.</summary>
    Remind = 10,
}
