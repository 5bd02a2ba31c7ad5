using Forge.History.Changes;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Sqlite;

/// <summary>The walk over all sessions, and the work that is not done by removing rows of checkpoints.</summary>
internal static class SqliteUpkeep
{
    private const string FindName = "SELECT tenant, session FROM sessions WHERE session_key = ?1";

    private const string FindDue =
        "SELECT work_id, kind, session_key, noted, cursor FROM due_work WHERE kind = ?1 AND session_key = ?2";

    private const string EndWork = "DELETE FROM due_work WHERE work_id = ?1 AND noted = ?2";

    private const string PostponeWork =
        "UPDATE due_work SET claimed_by = NULL, claimed_until = NULL, " +
        "due_at = CASE WHEN noted = ?2 THEN ?3 ELSE min(?3, ?4) END WHERE work_id = ?1";

    private const string FindSessions =
        "SELECT session_key, tenant, session, settings, created_at, last_created_at, checkpoint_count, last_position " +
        "FROM sessions WHERE session_key > ?1 AND deleted_at IS NULL ORDER BY session_key LIMIT ?2";

    private const string MoveOn =
        "UPDATE due_work SET cursor = ?3, due_at = ?4, claimed_by = NULL, claimed_until = NULL WHERE work_id = ?1 AND cursor = ?2";

    private const string NoteFound =
        "INSERT INTO due_work (kind, session_key, due_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

    public static SessionAddress? Address(SqliteDatabase database, long key)
    {
        var row = database.Prepare(FindName).Bind(key);
        if (!row.Read())
        {
            return null;
        }

        var address = ToAddress(row, 0);
        row.Reset();
        return address;
    }

    public static DueWork? Find(SqliteDatabase database, DueWorkKind kind, long key) =>
        SqliteWork.Read(database.Prepare(FindDue).Bind((long)kind).Bind(key));

    public static int Finish(SqliteDatabase database, DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted) =>
        again is null && database.Prepare(EndWork).Bind(work.Id).Bind(work.Noted).Execute() == 1
            ? 1
            : database.Prepare(PostponeWork).Bind(work.Id).Bind(work.Noted).Bind(again ?? ifNoted).Bind(ifNoted).Execute();

    public static int BeginWalk(SqliteDatabase database, DateTimeOffset dueAt) =>
        database.Prepare(NoteFound).Bind((long)DueWorkKind.Walk).Bind(0).Bind(dueAt).Execute();

    public static IReadOnlyList<WalkedSession> Sessions(SqliteDatabase database, long after, int limit)
    {
        var found = new List<WalkedSession>();
        var row = database.Prepare(FindSessions).Bind(after).Bind(limit);
        while (row.Read())
        {
            found.Add(new WalkedSession(
                row.Int64(0), ToAddress(row, 1), row.NullableText(3), row.Time(4), row.NullableTime(5), row.Int64(6), row.Int64(7)));
        }

        return found;
    }

    public static bool Advance(SqliteDatabase database, DueWork walk, WalkStep step)
    {
        if (database.Prepare(MoveOn).Bind(walk.Id).Bind(walk.Cursor).Bind(step.Cursor).Bind(step.DueAt).Execute() == 0)
        {
            return false;
        }

        foreach (var found in step.Found)
        {
            database.Prepare(NoteFound).Bind((long)found.Kind).Bind(found.Key).Bind(found.DueAt).Execute();
        }

        return true;
    }

    private static SessionAddress ToAddress(SqliteStatement row, int column) =>
        new(TenantId.Parse(row.Text(column)), SessionId.Parse(row.Text(column + 1)));
}
