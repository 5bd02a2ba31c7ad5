using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Reclaiming;
using Forge.History.Stores;

namespace Forge.History.Sqlite;

/// <summary>Due work: noting, claiming and doing it, inside a transaction of the caller's.</summary>
internal static class SqliteWork
{
    private const string AddWork =
        "INSERT INTO due_work (kind, session_key, due_at) VALUES (?1, ?2, ?3) ON CONFLICT (kind, session_key) " +
        "DO UPDATE SET due_at = min(due_at, excluded.due_at), noted = noted + 1";

    private const string ClaimWork =
        "UPDATE due_work SET claimed_by = ?1, claimed_until = ?3 WHERE work_id = (SELECT work_id FROM due_work " +
        "WHERE kind = ?4 AND due_at <= ?2 AND (claimed_until IS NULL OR claimed_until <= ?2) ORDER BY due_at LIMIT 1) " +
        "RETURNING work_id, kind, session_key, noted, cursor";

    private const string FindWork = "SELECT 1 FROM due_work WHERE work_id = ?1 AND kind = ?2 AND session_key = ?3";

    private const string RemoveWork = "DELETE FROM due_work WHERE work_id = ?1";

    private const string IsDeleted = "SELECT deleted_at IS NOT NULL FROM sessions WHERE session_key = ?1";

    private const string IsThere = "SELECT 1 FROM sessions WHERE session_key = ?1";

    private const string AnyRows = "SELECT c.sequence, c.stored_size FROM checkpoints c WHERE c.session_key = ?1 LIMIT ?2";

    private const string RemoveEvents =
        "DELETE FROM events WHERE rowid IN (SELECT rowid FROM events WHERE session_key = ?1 LIMIT ?2)";

    private const string RemoveRequests =
        "DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests WHERE session_key = ?1 LIMIT ?2)";

    private const string RemoveOldRequests =
        "DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests WHERE at < ?1 ORDER BY at LIMIT ?2)";

    /// <summary>Notes work; where there is some of the kind for the session already, it is due at the earlier time.</summary>
    public static int Add(SqliteDatabase database, DueWorkKind kind, long key, DateTimeOffset dueAt) =>
        database.Prepare(AddWork).Bind((long)kind).Bind(key).Bind(dueAt).Execute();

    public static DueWork? Claim(
        SqliteDatabase database, DueWorkKind kind, string owner, DateTimeOffset now, TimeSpan lease) =>
        Read(database.Prepare(ClaimWork).Bind(owner).Bind(now).Bind(now + lease).Bind((long)kind));

    /// <summary>The one piece of work that a statement answers with; null for none.</summary>
    public static DueWork? Read(SqliteStatement row)
    {
        if (!row.Read())
        {
            return null;
        }

        var work = new DueWork(row.Int64(0), (DueWorkKind)row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4));
        row.Reset();
        return work;
    }

    /// <summary>Does a step. True where nothing is left and the work itself has gone.</summary>
    public static bool Do(SqliteDatabase database, DueWork work, int limit, DateTimeOffset rememberSince)
    {
        if (!MayBegin(database, work))
        {
            return true;
        }

        var nothingLeft = work.Kind == DueWorkKind.Reclaim
            ? SqliteReclaim.Step(database, work.SessionKey, limit, rememberSince)
            : Remove(database, work.SessionKey, limit);
        if (!nothingLeft || !Finish(database, work, limit))
        {
            return false;
        }

        database.Prepare(RemoveWork).Bind(work.Id).Execute();
        if (work.Kind == DueWorkKind.Erase)
        {
            Add(database, DueWorkKind.Purge, 0, DateTimeOffset.UnixEpoch);
        }

        return true;
    }

    public static int ForgetRequests(SqliteDatabase database, DateTimeOffset before, int limit) =>
        database.Prepare(RemoveOldRequests).Bind(SqliteValues.ToMicrosecondsUp(before)).Bind(limit).Execute();

    /// <summary>
    /// False where the work is gone, as that of a staging is which was taken over. What it is for is looked at too: staged
    /// rows that a session took over and a session that lives are never removed, whatever the work says.
    /// </summary>
    private static bool MayBegin(SqliteDatabase database, DueWork work) =>
        database.Prepare(FindWork).Bind(work.Id).Bind((long)work.Kind).Bind(work.SessionKey).Scalar() is not null
        && work.Kind switch
        {
            DueWorkKind.Staging => database.Prepare(IsThere).Bind(work.SessionKey).Scalar() is null,
            DueWorkKind.Erase => database.Prepare(IsDeleted).Bind(work.SessionKey).Scalar() == 1,
            DueWorkKind.Reclaim => true,
            _ => throw new InvalidOperationException($"Work of kind {work.Kind} does not remove rows of checkpoints."),
        };

    /// <summary>
    /// Removes what is left once the checkpoints are gone. It is in one transaction with finding that they are, and only
    /// one transaction writes at a time, so that no range that a commit adds meanwhile can be lost.
    /// </summary>
    private static bool Finish(SqliteDatabase database, DueWork work, int limit)
    {
        switch (work.Kind)
        {
            case DueWorkKind.Reclaim:
                SqliteReclaim.DropRanges(database, work.SessionKey);
                return true;
            case DueWorkKind.Erase:
                SqliteReclaim.DropRanges(database, work.SessionKey);
                SqliteRuns.Drop(database, work.SessionKey);
                return database.Prepare(RemoveEvents).Bind(work.SessionKey).Bind(limit).Execute() < limit
                    && database.Prepare(RemoveRequests).Bind(work.SessionKey).Bind(limit).Execute() < limit;
            default:
                return true;
        }
    }

    /// <summary>Removes as many rows as one step may; true where there were fewer.</summary>
    private static bool Remove(SqliteDatabase database, long key, int limit)
    {
        var row = database.Prepare(AnyRows).Bind(key).Bind(limit);
        var (found, bytes) = (new List<long>(), 0L);
        while (bytes < WorkStep.StoredBytes && row.Read())
        {
            found.Add(row.Int64(0));
            bytes += row.Int64(1);
        }

        row.Reset();
        found.ForEach(sequence => SqliteCheckpoints.Delete(database, key, sequence));
        return found.Count < limit && bytes < WorkStep.StoredBytes;
    }
}
