using Forge.History.Chain;
using Forge.History.Reclaiming;
using Forge.History.Rows;

namespace Forge.History.Sqlite;

/// <summary>Removes the rows in the removed ranges of a session, or hides them, inside a transaction of the caller's.</summary>
internal static class SqliteReclaim
{
    // From the ranges to the rows in them, so that a session's visible rows are never walked.
    private const string CoveredRows =
        "SELECT DISTINCT c.sequence, c.group_sequence FROM removed_ranges r CROSS JOIN checkpoints c " +
        "ON c.session_key = r.session_key AND c.sequence >= r.first_sequence AND c.sequence <= r.last_sequence " +
        "WHERE r.session_key = ?1 AND c.removed = 0 LIMIT ?2";

    private const string RowsInRange =
        "SELECT " + SqliteRows.SummaryColumns + " FROM checkpoints c " +
        "WHERE c.session_key = ?1 AND c.sequence >= ?2 AND c.sequence <= ?3";

    private const string Session = "SELECT head_sequence, current_sequence, deleted_at IS NULL FROM sessions WHERE session_key = ?1";

    private const string WholeRow = "SELECT " + SqliteRows.AllColumns + " FROM checkpoints c WHERE c.session_key = ?1 AND c.sequence = ?2";

    private const string HideRow = "UPDATE checkpoints SET removed = 1 WHERE session_key = ?1 AND sequence = ?2";

    private const string WriteCopy =
        "UPDATE checkpoints SET codec = ?3, base_sequence = NULL, stored_size = ?4, stored = ?5 " +
        "WHERE session_key = ?1 AND sequence = ?2";

    private const string RememberRequest =
        "INSERT INTO requests (session_key, id, at, kind, outcome) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";

    private const string RemoveRanges = "DELETE FROM removed_ranges WHERE session_key = ?1";

    /// <summary>Does a step; true where nothing is left in the ranges.</summary>
    public static bool Step(SqliteDatabase database, long key, int limit, DateTimeOffset rememberSince)
    {
        var (labels, full) = Labels(database, key, limit);
        var window = GroupWindow.Of(labels);
        var (head, current, isAlive) = Head(database, key);
        var members = Members(database, key, window, isAlive);
        var plan = ReclaimPlan.Make(members, head, current, limit);
        if (plan.Copies.Count > 0)
        {
            plan = ReclaimPlan.Make(CopyOut(database, key, plan, members), head, current, limit);
        }

        SqliteRuns.Leave(database, key, [.. plan.Going.Select(RemovedLink.Of)]);
        foreach (var row in plan.Going)
        {
            if (isAlive && row.CreatedAt > rememberSince)
            {
                var request = RemovedCreate.Remember(row);
                database.Prepare(RememberRequest)
                    .Bind(key).Bind(request.Id).Bind(request.At).Bind(request.Kind).Bind(request.Outcome).Execute();
            }

            SqliteCheckpoints.Delete(database, key, row.Sequence);
        }

        foreach (var row in plan.Hiding)
        {
            SqliteCheckpoints.Hide(database, key, row.Sequence);
            database.Prepare(HideRow).Bind(key).Bind(row.Sequence).Execute();
        }

        return !full && window.IsWhole && plan.IsWhole;
    }

    public static void DropRanges(SqliteDatabase database, long key) => database.Prepare(RemoveRanges).Bind(key).Execute();

    private static (List<long> Labels, bool Full) Labels(SqliteDatabase database, long key, int limit)
    {
        var (labels, row) = (new List<long>(), database.Prepare(CoveredRows).Bind(key).Bind(limit));
        while (row.Read())
        {
            labels.Add(GroupMember.LabelOf(row.Int64(0), row.NullableInt64(1)));
        }

        return (labels, labels.Count == limit);
    }

    private static (long Head, long Current, bool IsAlive) Head(SqliteDatabase database, long key)
    {
        var row = database.Prepare(Session).Bind(key);
        if (!row.Read())
        {
            return default;
        }

        var head = (row.Int64(0), row.Int64(1), row.Int64(2) != 0);
        row.Reset();
        return head;
    }

    private static List<GroupMember> Members(SqliteDatabase database, long key, GroupWindow window, bool isAlive)
    {
        var (members, removed) = (new List<GroupMember>(), SqliteRows.Removed(database, key));
        foreach (var range in window.Ranges)
        {
            var row = database.Prepare(RowsInRange).Bind(key).Bind(range.First).Bind(range.Last);
            while (row.Read())
            {
                if (window.Labels.Contains(GroupMember.LabelOf(row.Int64(0), row.NullableInt64(14))))
                {
                    var found = SqliteRows.Checkpoint(row, withState: false);
                    members.Add(new GroupMember(found, isAlive && !found.Removed && !removed.Cover(found.Sequence)));
                }
            }
        }

        return members;
    }

    private static List<GroupMember> CopyOut(SqliteDatabase database, long key, ReclaimPlan plan, List<GroupMember> members)
    {
        foreach (var copies in plan.Copies)
        {
            if (copies.Make([.. copies.Sequences.Select(sequence => Whole(database, key, sequence))]) is not { } made)
            {
                continue;
            }

            foreach (var copy in made)
            {
                var row = database.Prepare(WriteCopy)
                    .Bind(key).Bind(copy.Sequence).Bind(copy.Codec).Bind(copy.StoredSize).Bind(copy.Stored.Span);
                row.Execute();
                row.Clear();
            }

            members = SurvivorCopies.Apply(members, made);
        }

        return members;
    }

    private static StoredCheckpoint Whole(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(WholeRow).Bind(key).Bind(sequence);
        row.Read();
        var found = SqliteRows.Checkpoint(row, withState: true);
        row.Reset();
        return SqliteRows.WithBases(database, key, found);
    }
}
