using Forge.History.Rows;
using Forge.History.Sql;

namespace Forge.History.Upkeep;

/// <summary>
/// Keeps the rows by which sessions are found in the order of their activity (ADR 0023). They follow the head rows, which no index by
/// time could be on without a price for each commit.
/// </summary>
internal sealed class ActivityRows(ISqlDatabase database)
{
    private const string InRange = "s.session_key > @after AND s.session_key <= @last";

    /// <summary>
    /// How many sessions have their labels' rows changed in one transaction. A commit that sets the labels of one of them waits for it, and
    /// a session may have many.
    /// </summary>
    private const int LabelledAtOnce = 50;

    private readonly SqlStatement _note = Note(database.Dialect, database.Dialect.In("s.session_key", "@keys"));
    private readonly SqlStatement _mend = Note(database.Dialect, InRange);

    // Behind the rows of the sessions themselves, so that both name one time.
    private readonly SqlStatement _noteLabels = NoteLabels(database.Dialect, database.Dialect.In("session_key", "@keys"));

    private readonly SqlStatement _staleLabels = database.Dialect.Statement("""
        SELECT DISTINCT l.session_key FROM session_labels l JOIN session_activity a ON a.session_key = l.session_key
        WHERE l.session_key > @after AND l.session_key <= @last AND l.active_at < a.active_at ORDER BY l.session_key
        """);

    private readonly SqlStatement _remove = database.Dialect.Statement("""
        DELETE FROM session_activity WHERE session_key > @after AND session_key <= @last AND NOT EXISTS (
            SELECT 1 FROM sessions s WHERE s.session_key = session_activity.session_key AND s.deleted_at IS NULL)
        """);

    /// <summary>Notes when some sessions were active; says of how many that is another time than before.</summary>
    public async Task<int> NoteAsync(IReadOnlyList<long> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return 0;
        }

        var noted = await database.ChangeAsync(t => t.ExecuteAsync(_note, ("keys", keys.ToArray())), cancellationToken);
        await NoteLabelsAsync(keys, cancellationToken);
        return noted;
    }

    /// <summary>Notes it of all sessions of a range of keys, and removes what is left of those that do not live.</summary>
    public async Task<int> MendAsync(long after, long last, CancellationToken cancellationToken)
    {
        SqlArgument[] range = [("after", after), ("last", last)];
        var noted = await database.ChangeAsync(
            async t => await t.ExecuteAsync(_mend, range) + await t.ExecuteAsync(_remove, range), cancellationToken);
        var stale = await database.ReadAsync(t => t.ReadAllAsync(_staleLabels, row => row.Long(), range), cancellationToken);
        await NoteLabelsAsync(stale, cancellationToken);
        return noted;
    }

    private async Task NoteLabelsAsync(IEnumerable<long> keys, CancellationToken cancellationToken)
    {
        foreach (var some in keys.Chunk(LabelledAtOnce))
        {
            await database.ChangeAsync(t => t.ExecuteAsync(_noteLabels, ("keys", some)), cancellationToken);
        }
    }

    // Only what differs is written. By rising key, so that two silos do not wait for each other. An older head that was read does not
    // set back what somebody noted since.
    private static SqlStatement Note(SqlDialect dialect, string which) => dialect.Statement($"""
        INSERT INTO session_activity (session_key, tenant, active_at)
        SELECT s.session_key, s.tenant, {StoredActivity.OfHead} FROM sessions s
        LEFT JOIN session_activity a ON a.session_key = s.session_key
        WHERE {which} AND s.deleted_at IS NULL AND (a.active_at IS NULL OR a.active_at < {StoredActivity.OfHead})
        ORDER BY s.session_key
        ON CONFLICT (session_key) DO UPDATE SET active_at = excluded.active_at WHERE session_activity.active_at < excluded.active_at
        """);

    private static SqlStatement NoteLabels(SqlDialect dialect, string which) => dialect.Statement($"""
        UPDATE session_labels SET active_at = (SELECT a.active_at FROM session_activity a WHERE a.session_key = session_labels.session_key)
        WHERE {which} AND active_at < (SELECT a.active_at FROM session_activity a WHERE a.session_key = session_labels.session_key)
        """);
}
