using Forge.Grains.Integrity;

namespace Forge.Grains.History.Sqlite;

/// <summary>Removes old events of a session's log, inside a transaction of the caller's.</summary>
internal static class SqliteTrim
{
    private const int PageEvents = 500;

    private const string LastPosition = "SELECT last_position FROM sessions WHERE session_key = ?1 AND deleted_at IS NULL";

    private const string Events =
        "SELECT position, kind, at, sequence, last_sequence, detail, chain FROM events " +
        "WHERE session_key = ?1 AND position > ?2 ORDER BY position LIMIT ?3";

    private const string AnyRow =
        "SELECT 1 FROM checkpoints WHERE session_key = ?1 AND sequence >= ?2 AND sequence <= ?3 LIMIT 1";

    private const string AnyNote = "SELECT 1 FROM annotations WHERE session_key = ?1 AND sequence = ?2 AND position = ?3";

    private const string TaggedAgain =
        "SELECT 1 FROM events WHERE session_key = ?1 AND kind = 5 AND sequence = ?2 AND position > ?3 " +
        "AND NOT EXISTS (SELECT 1 FROM events i WHERE i.session_key = ?1 AND i.kind = 7) LIMIT 1";

    private const string Remove = "DELETE FROM events WHERE session_key = ?1 AND position = ?2";

    public static bool Step(SqliteDatabase database, long key, long newest, DateTimeOffset since, int limit)
    {
        if (database.Prepare(LastPosition).Bind(key).Scalar() is not { } last)
        {
            return true;
        }

        var (going, after, ended) = (new List<RemovedLink>(), 0L, false);
        while (!ended && going.Count < limit)
        {
            var page = Read(database, key, after);
            ended = page.Count < PageEvents;
            foreach (var happened in page)
            {
                if (happened.Position > last - newest || happened.At >= since || going.Count == limit)
                {
                    ended |= going.Count < limit;
                    break;
                }

                after = happened.Position;
                if (!IsNeeded(database, key, happened))
                {
                    going.Add(new RemovedLink(happened.Position, 0, 0, happened.Chain));
                }
            }
        }

        going.ForEach(link => database.Prepare(Remove).Bind(key).Bind(link.Position).Execute());
        SqliteRuns.Leave(database, key, going);
        return going.Count < limit;
    }

    private static List<SessionEvent> Read(SqliteDatabase database, long key, long after)
    {
        var (page, row) = (new List<SessionEvent>(), database.Prepare(Events).Bind(key).Bind(after).Bind(PageEvents));
        while (row.Read())
        {
            page.Add(new SessionEvent(
                row.Int64(0), (SessionEventKind)row.Int64(1), row.Time(2), row.Int64(3), row.Int64(4), row.NullableText(5),
                row.NullableBlob(6)));
        }

        return page;
    }

    private static bool IsNeeded(SqliteDatabase database, long key, SessionEvent happened)
    {
        var needs = EventNeeds.Of(happened);
        if (needs.UnlessTaggedAgain
            && database.Prepare(TaggedAgain).Bind(key).Bind(happened.Sequence).Bind(happened.Position).Scalar() is not null)
        {
            return false;
        }

        return needs.Always
            || (needs.Annotation && database.Prepare(AnyNote).Bind(key).Bind(happened.Sequence).Bind(happened.Position).Scalar() is not null)
            || needs.Checkpoints.Any(r => database.Prepare(AnyRow).Bind(key).Bind(r.First).Bind(r.Last).Scalar() is not null);
    }
}
