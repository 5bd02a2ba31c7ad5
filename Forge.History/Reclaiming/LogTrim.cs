using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Reclaiming;

/// <summary>Removes old events from a session's log.</summary>
internal sealed class LogTrim(SqlDialect dialect)
{
    private static readonly Selection<SessionEvent> Events = HistoryTables.Events.All;

    private readonly RunRecords _runs = new(dialect);
    private readonly ImportTimes.Reader _imports = new(dialect);

    private readonly SqlStatement _page = dialect.Statement($"""
        SELECT {Events.Of("e")},
            EXISTS (SELECT 1 FROM annotations a
                WHERE a.session_key = e.session_key AND a.sequence = e.sequence AND a.position = e.position)
        FROM sessions s JOIN events e ON e.session_key = s.session_key
        WHERE s.session_key = @key AND s.deleted_at IS NULL AND e.session_key = @key
            AND e.position > @after AND e.position <= s.last_position - @newest
        ORDER BY e.position LIMIT @limit
        """);

    private readonly SqlStatement _stored = dialect.Statement(
        "SELECT sequence FROM checkpoints WHERE session_key = @key AND sequence <= @last ORDER BY sequence LIMIT @limit");

    private readonly SqlStatement _remove = dialect.Statement(
        $"DELETE FROM events WHERE session_key = @key AND {dialect.In("position", "@positions")} RETURNING {Events.Names}");

    /// <summary>Does a step; the position to go on after, or null if there is no more to look at.</summary>
    public async ValueTask<long?> StepAsync(
        SqlTransaction transaction, long key, long after, long newest, DateTimeOffset since, DateTimeOffset now, int limit)
    {
        var found = await transaction.ReadAllAsync(
            _page,
            row => (Event: Events.Read(row), HasNote: row.Bool(), At: default(DateTimeOffset)),
            ("key", key), ("after", after), ("newest", newest), ("limit", limit));

        // Those of the page, and the one whose event may come after it.
        var imports = await _imports.ReadAsync(transaction, key, after, limit + 1L);
        var passed = found.ConvertAll(f => f with { At = AgeFrom(imports, f.Event) }).TakeWhile(f => f.At < since || f.At > now).ToList();
        var old = passed.FindAll(f => f.At < since);
        if (old.Count == 0)
        {
            return Next();
        }

        List<SessionEvent> page = [.. old.Select(f => f.Event)];
        var stored = await transaction.ReadAllAsync(
            _stored, row => row.Long(), ("key", key), ("last", EventTrim.LastSequence(page)), ("limit", EventTrim.MostStored));
        var notes = old.Where(f => f.HasNote).Select(f => (f.Event.Sequence, f.Event.Position)).ToHashSet();
        var going = EventTrim.Going(page, new StoredFacts(stored, notes));
        if (going.Count > 0)
        {
            // What another silo has removed meanwhile is its own to leave runs for.
            var gone = await transaction.ReadAllAsync(
                _remove, Events.Read, ("key", key), ("positions", going.Select(e => e.Position).ToArray()));
            await _runs.LeaveAsync(transaction, key, [.. gone.Select(RemovedLink.Of)]);
        }

        return Next();

        long? Next() => passed.Count == limit ? passed[^1].Event.Position : null;
    }

    private static DateTimeOffset AgeFrom(ImportTimes imports, SessionEvent happened) =>
        happened.Kind == SessionEventKind.Created ? imports.AgeFrom(happened.Position, happened.At) : happened.At;
}
