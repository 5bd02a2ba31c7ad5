using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Reclaiming;

namespace Forge.History.Sqlite;

/// <summary>Removes old events from a session's log, inside a transaction of the caller's.</summary>
internal static class SqliteTrim
{
    private const string LastPosition = "SELECT last_position FROM sessions WHERE session_key = ?1 AND deleted_at IS NULL";

    private const string Events =
        "SELECT position, kind, at, sequence, last_sequence, detail, chain FROM events " +
        "WHERE session_key = ?1 AND position > ?2 AND position <= ?3 ORDER BY position LIMIT ?4";

    private const string Stored =
        "SELECT sequence FROM checkpoints WHERE session_key = ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3";

    private const string IsAnnotated = "SELECT 1 FROM annotations WHERE session_key = ?1 AND sequence = ?2 AND position = ?3";

    private const string Remove = "DELETE FROM events WHERE session_key = ?1 AND position = ?2";

    /// <summary>Does a step; the position to go on after, or null where there is no more to look at.</summary>
    public static long? Step(SqliteDatabase database, long key, long after, long newest, DateTimeOffset since, int limit)
    {
        if (database.Prepare(LastPosition).Bind(key).Scalar() is not { } last)
        {
            return null;
        }

        var page = Read(database, key, after, last - newest, since, limit);
        if (page.Count == 0)
        {
            return null;
        }

        var going = EventTrim.Going(page, Facts(database, key, page));
        foreach (var happened in going)
        {
            database.Prepare(Remove).Bind(key).Bind(happened.Position).Execute();
        }

        SqliteRuns.Leave(database, key, [.. going.Select(RemovedLink.Of)]);
        return page.Count == limit ? page[^1].Position : null;
    }

    private static List<SessionEvent> Read(
        SqliteDatabase database, long key, long after, long last, DateTimeOffset since, int limit)
    {
        var page = new List<SessionEvent>();
        var row = database.Prepare(Events).Bind(key).Bind(after).Bind(last).Bind(limit);
        while (row.Read() && row.Time(2) < since)
        {
            page.Add(new SessionEvent(
                row.Int64(0), (SessionEventKind)row.Int64(1), row.Time(2), row.Int64(3), row.Int64(4), row.NullableText(5),
                row.NullableBlob(6)));
        }

        row.Reset();
        return page;
    }

    private static StoredFacts Facts(SqliteDatabase database, long key, List<SessionEvent> page)
    {
        var stored = new List<long>();
        var row = database.Prepare(Stored).Bind(key).Bind(EventTrim.LastSequence(page)).Bind(EventTrim.MostStored);
        while (row.Read())
        {
            stored.Add(row.Int64(0));
        }

        var notes = page.Where(e => e.Kind == SessionEventKind.Annotated
            && database.Prepare(IsAnnotated).Bind(key).Bind(e.Sequence).Bind(e.Position).Scalar() is not null);
        return new StoredFacts(stored, notes.Select(e => (e.Sequence, e.Position)).ToHashSet());
    }
}
