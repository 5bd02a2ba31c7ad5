using Forge.Effects;
using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Reclaiming;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;

namespace Forge.History.Upkeep;

/// <summary>One step of due work in one short transaction. A step may be done twice, and by two silos at once.</summary>
internal sealed class WorkSteps
{
    private static readonly string[] StagedTables =
        ["checkpoints", "checkpoint_tags", "requirements", "annotations", "pending_writes", "effects"];

    /// <summary>The effects of a session but its tokens, which stay consumed over its lives.</summary>
    private const string EffectsOfALife = "effects but tokens";

    private static readonly string IsNoToken = $"class <> {(short)EffectClass.Token}";

    private static readonly string[] SessionTables =
    [
        .. StagedTables.Where(table => table != "effects"), EffectsOfALife, "branches", "removed_ranges", "trunk_ranges", "removed_runs", "lineage", "events", "requests", "session_labels",
        "session_activity", "forks",
    ];

    private readonly ISqlDatabase _database;
    private readonly Seals _seals;
    private readonly Reclaim _reclaim;
    private readonly Dictionary<DueWorkKind, SqlStatement> _holds;
    private readonly Dictionary<string, SqlStatement> _removals;
    private readonly SqlStatement _anyStaged;
    private readonly SqlStatement _anyOfSession;
    private readonly SqlStatement _end;
    private readonly SqlStatement _endReclaim;
    private readonly SqlStatement _notePurge;

    public WorkSteps(ISqlDatabase database, Seals seals)
    {
        var dialect = database.Dialect;
        (_database, _seals) = (database, seals);
        _reclaim = new Reclaim(dialect, seals);

        // No stronger lock: a commit that adds to the work must not wait for the step. What the work is for is looked at too:
        // staged rows that a session took over and a session that lives are never removed, whatever the work says.
        _holds = new()
        {
            [DueWorkKind.Reclaim] = Hold(""),
            [DueWorkKind.Staging] = Hold("AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.session_key = @key)"),
            [DueWorkKind.Erase] = Hold(
                "AND EXISTS (SELECT 1 FROM sessions s WHERE s.session_key = @key AND s.deleted_at IS NOT NULL)"),
        };

        // Rows until the bytes before a row reach the bound: the first one always.
        _removals = new()
        {
            ["checkpoints"] = dialect.Statement("""
                WITH chosen AS MATERIALIZED (
                    SELECT c.sequence FROM (
                        SELECT f.sequence, sum(f.stored_size) OVER (ORDER BY f.sequence ROWS UNBOUNDED PRECEDING) - f.stored_size AS bytes
                        FROM (
                            SELECT sequence, stored_size FROM checkpoints WHERE session_key = @key
                            ORDER BY sequence LIMIT @limit) f) c
                    WHERE c.bytes < @bytes)
                DELETE FROM checkpoints WHERE session_key = @key AND sequence IN (SELECT sequence FROM chosen)
                """),
            ["checkpoint_tags"] = dialect.RemoveSome(HistoryTables.CheckpointTags),
            ["requirements"] = dialect.RemoveSome(HistoryTables.Requirements),
            ["annotations"] = dialect.RemoveSome(HistoryTables.Annotations),
            ["pending_writes"] = WriteRemoval.OfSession(dialect),
            ["effects"] = dialect.RemoveSome(HistoryTables.Effects),
            [EffectsOfALife] = dialect.Statement($"""
                WITH chosen AS MATERIALIZED (SELECT effect_key FROM effects WHERE session_key = @key AND {IsNoToken} LIMIT @limit)
                DELETE FROM effects WHERE session_key = @key AND effect_key IN (SELECT effect_key FROM chosen)
                """),
            ["branches"] = dialect.RemoveSome(HistoryTables.Branches),
            ["removed_ranges"] = dialect.RemoveSome(HistoryTables.RemovedRanges),
            ["trunk_ranges"] = dialect.RemoveSome(HistoryTables.TrunkRanges),
            ["removed_runs"] = dialect.RemoveSome(HistoryTables.RemovedRuns),
            ["lineage"] = dialect.RemoveSome(HistoryTables.Lineage),
            ["events"] = dialect.RemoveSome(HistoryTables.Events),
            ["requests"] = dialect.Statement($"""
                WITH chosen AS MATERIALIZED (
                    SELECT id FROM requests r WHERE r.session_key = @key AND NOT ({LifeRequests.Are("r")}) LIMIT @limit)
                DELETE FROM requests WHERE session_key = @key AND id IN (SELECT id FROM chosen)
                """),
            ["session_labels"] = dialect.RemoveSome(HistoryTables.SessionLabels),
            ["session_activity"] = dialect.RemoveSome(HistoryTables.SessionActivity),
            ["forks"] = dialect.Statement("""
                WITH chosen AS MATERIALIZED (SELECT session_key FROM forks WHERE session_key = @key LIMIT @limit)
                DELETE FROM forks WHERE session_key IN (SELECT session_key FROM chosen)
                """),
        };
        _anyStaged = AnyOf(StagedTables);
        _anyOfSession = AnyOf(SessionTables);
        _end = dialect.Statement("DELETE FROM due_work WHERE work_id = @id AND kind = @kind AND session_key = @key");
        _endReclaim = dialect.Statement("DELETE FROM due_work WHERE kind = @kind AND session_key = @key");
        _notePurge = dialect.Statement("""
            INSERT INTO due_work (kind, session_key, due_at) VALUES (@kind, 0, @due)
            ON CONFLICT (kind, session_key) DO UPDATE SET noted = due_work.noted + 1
            """);

        SqlStatement Hold(string subject) => dialect.Statement(
            $"SELECT work_id FROM due_work WHERE work_id = @id AND kind = @kind AND session_key = @key {subject}{dialect.KeepKey}");

        SqlStatement AnyOf(string[] tables) => dialect.Statement(
            $"SELECT {string.Join(" OR ", tables.Select(table => $"EXISTS (SELECT 1 FROM {RowsOf(table)})"))}");

        static string RowsOf(string table) => table switch
        {
            "requests" => $"requests t WHERE t.session_key = @key AND NOT ({LifeRequests.Are("t")})",
            EffectsOfALife => $"effects t WHERE t.session_key = @key AND t.{IsNoToken}",
            _ => $"{table} t WHERE t.session_key = @key",
        };
    }

    /// <summary>Does a step. True if nothing is left and the work itself has gone.</summary>
    public async Task<bool> DoAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken)
    {
        if (!_holds.TryGetValue(work.Kind, out var hold))
        {
            throw new InvalidOperationException($"Work of kind {work.Kind} does not remove rows of checkpoints.");
        }

        var step = await _seals.HoldingAsync(
            look => _database.SweepAsync(
                async t => await t.ReadOneAsync(hold, row => (long?)row.Long(), Arguments(work)) is null
                    ? Step.Gone
                    : await StepAsync(t, work, limit, rememberSince, look) ? Step.Last : Step.One,
                cancellationToken),
            cancellationToken);
        return step == Step.Gone || (step == Step.Last && await _database.ChangeAsync(t => EndAsync(t, work), cancellationToken));
    }

    private ValueTask<bool> StepAsync(
        SqlTransaction transaction, DueWork work, int limit, DateTimeOffset rememberSince, KeyLook look) =>
        work.Kind switch
        {
            DueWorkKind.Reclaim => _reclaim.StepAsync(transaction, work.SessionKey, limit, rememberSince, look),
            DueWorkKind.Staging => RemoveAsync(transaction, work.SessionKey, StagedTables, _anyStaged, limit),
            _ => EraseAsync(transaction, work.SessionKey, limit),
        };

    private async ValueTask<bool> EraseAsync(SqlTransaction transaction, long key, int limit)
    {
        // A step of reclaiming that began before the session was deleted may be about to remember creates of it. It holds its
        // work, so it is waited for here, and none comes after it.
        await transaction.ExecuteAsync(_endReclaim, ("kind", (short)DueWorkKind.Reclaim), ("key", key));
        return await RemoveAsync(transaction, key, SessionTables, _anyOfSession, limit);
    }

    /// <summary>Removes some rows of each table; true if none is left in any.</summary>
    private async ValueTask<bool> RemoveAsync(
        SqlTransaction transaction, long key, string[] tables, SqlStatement any, int limit)
    {
        foreach (var table in tables)
        {
            await (table is "checkpoints" or "pending_writes"
                ? transaction.ExecuteAsync(_removals[table], ("key", key), ("limit", limit), ("bytes", WorkStep.StoredBytes))
                : transaction.ExecuteAsync(_removals[table], ("key", key), ("limit", limit)));
        }

        // Not told from how many rows went: another silo may have removed the ones that this step had found.
        return !await transaction.ReadOneAsync(any, row => row.Bool(), ("key", key));
    }

    /// <summary>Removes the work, unless something was added to it since.</summary>
    private async ValueTask<bool> EndAsync(SqlTransaction transaction, DueWork work)
    {
        // First this row, then the look at the ranges. Commits that add ranges lock or insert this row before they commit:
        // one that did so earlier is waited for here, and its ranges are seen below; one that comes later waits, finds no
        // row, and inserts its own. The other way round a range could be left with no work to reclaim it. Without this row
        // nothing is held, and whoever has removed it has ended the work.
        if (await transaction.ExecuteAsync(_end, Arguments(work)) == 0)
        {
            return true;
        }

        if (work.Kind == DueWorkKind.Reclaim && !await _reclaim.DropRangesAsync(transaction, work.SessionKey))
        {
            transaction.GiveUp();
            return false;
        }

        if (work.Kind == DueWorkKind.Erase)
        {
            // Removed rows are to be made unreadable; again if that was begun before they went.
            await transaction.ExecuteAsync(_notePurge, ("kind", (short)DueWorkKind.Purge), ("due", DateTimeOffset.UnixEpoch));
        }

        return true;
    }

    private static SqlArgument[] Arguments(DueWork work) =>
        [("id", work.Id), ("kind", (short)work.Kind), ("key", work.SessionKey)];

    private enum Step
    {
        /// <summary>The work is gone.</summary>
        Gone,

        /// <summary>One was done, and there may be more.</summary>
        One,

        /// <summary>Nothing is left.</summary>
        Last,
    }
}
