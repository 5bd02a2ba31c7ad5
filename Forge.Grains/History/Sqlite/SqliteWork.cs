namespace Forge.Grains.History.Sqlite;

/// <summary>Due work: noting, claiming and doing it, inside a transaction of the caller's.</summary>
internal static class SqliteWork
{
    private const string AddWork =
        "INSERT INTO due_work (kind, session_key, due_at) VALUES (?1, ?2, ?3) ON CONFLICT (kind, session_key) DO NOTHING";

    private const string ClaimWork =
        "UPDATE due_work SET claimed_by = ?1, claimed_until = ?3 WHERE work_id = (SELECT work_id FROM due_work " +
        "WHERE due_at <= ?2 AND (claimed_until IS NULL OR claimed_until <= ?2) ORDER BY due_at LIMIT 1) " +
        "RETURNING work_id, kind, session_key";

    private const string FindWork = "SELECT 1 FROM due_work WHERE work_id = ?1 AND kind = ?2 AND session_key = ?3";

    private const string RemoveWork = "DELETE FROM due_work WHERE work_id = ?1";

    private const string IsDeleted = "SELECT deleted_at IS NOT NULL FROM sessions WHERE session_key = ?1";

    private const string IsThere = "SELECT 1 FROM sessions WHERE session_key = ?1";

    private const string AnyRows = "SELECT c.sequence, c.stored_size FROM checkpoints c WHERE c.session_key = ?1 LIMIT ?2";

    // From the ranges to the rows in them, so that a session's visible rows are never walked.
    private const string CoveredRows =
        "SELECT DISTINCT c.sequence, c.stored_size FROM removed_ranges r CROSS JOIN checkpoints c ON c.session_key = r.session_key " +
        "AND c.sequence >= r.first_sequence AND c.sequence <= r.last_sequence WHERE r.session_key = ?1 LIMIT ?2";

    private const string RowToRemember =
        "SELECT " + SqliteRows.SummaryColumns + " FROM checkpoints c WHERE c.session_key = ?1 AND c.sequence = ?2 AND c.created_at > ?3";

    private const string RememberRequest =
        "INSERT INTO requests (session_key, id, at, kind, outcome) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";

    private const string RemoveRanges = "DELETE FROM removed_ranges WHERE session_key = ?1";

    private const string RemoveEvents =
        "DELETE FROM events WHERE rowid IN (SELECT rowid FROM events WHERE session_key = ?1 LIMIT ?2)";

    private const string RemoveRequests =
        "DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests WHERE session_key = ?1 LIMIT ?2)";

    private const string RemoveOldRequests =
        "DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests WHERE at < ?1 ORDER BY at LIMIT ?2)";

    /// <summary>Notes work, unless there is some of the kind for the session already.</summary>
    public static int Add(SqliteDatabase database, DueWorkKind kind, long key, DateTimeOffset dueAt) =>
        database.Prepare(AddWork).Bind((long)kind).Bind(key).Bind(dueAt).Execute();

    public static DueWork? Claim(SqliteDatabase database, string owner, DateTimeOffset now, TimeSpan lease)
    {
        var row = database.Prepare(ClaimWork).Bind(owner).Bind(now).Bind(now + lease);
        if (!row.Read())
        {
            return null;
        }

        var work = new DueWork(row.Int64(0), (DueWorkKind)row.Int64(1), row.Int64(2));
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

        var (going, full) = Sequences(database, work.Kind == DueWorkKind.Reclaim ? CoveredRows : AnyRows, work.SessionKey, limit);
        var remember = work.Kind == DueWorkKind.Reclaim && database.Prepare(IsDeleted).Bind(work.SessionKey).Scalar() == 0;
        foreach (var sequence in going)
        {
            if (remember)
            {
                Remember(database, work.SessionKey, sequence, rememberSince);
            }

            SqliteCheckpoints.Delete(database, work.SessionKey, sequence);
        }

        if (full || !Finish(database, work, limit))
        {
            return false;
        }

        database.Prepare(RemoveWork).Bind(work.Id).Execute();
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
            _ => true,
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
                database.Prepare(RemoveRanges).Bind(work.SessionKey).Execute();
                return true;
            case DueWorkKind.Erase:
                database.Prepare(RemoveRanges).Bind(work.SessionKey).Execute();
                return database.Prepare(RemoveEvents).Bind(work.SessionKey).Bind(limit).Execute() < limit
                    && database.Prepare(RemoveRequests).Bind(work.SessionKey).Bind(limit).Execute() < limit;
            default:
                return true;
        }
    }

    /// <summary>The rows that one step may remove; full where there may be more.</summary>
    private static (List<long> Rows, bool Full) Sequences(SqliteDatabase database, string statement, long key, int limit)
    {
        var row = database.Prepare(statement).Bind(key).Bind(limit);
        var (found, bytes) = (new List<long>(), 0L);
        while (bytes < WorkStep.StoredBytes && row.Read())
        {
            found.Add(row.Int64(0));
            bytes += row.Int64(1);
        }

        row.Reset();
        return (found, found.Count == limit || bytes >= WorkStep.StoredBytes);
    }

    private static void Remember(SqliteDatabase database, long key, long sequence, DateTimeOffset since)
    {
        var row = database.Prepare(RowToRemember).Bind(key).Bind(sequence).Bind(since);
        if (!row.Read())
        {
            return;
        }

        var request = RemovedCreate.Remember(SqliteRows.Checkpoint(row, withState: false));
        row.Reset();
        database.Prepare(RememberRequest)
            .Bind(key).Bind(request.Id).Bind(request.At).Bind(request.Kind).Bind(request.Outcome).Execute();
    }
}
