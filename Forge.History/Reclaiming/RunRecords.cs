using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Reclaiming;

/// <summary>Writes the records of removed positions.</summary>
internal sealed class RunRecords(SqlDialect dialect)
{
    private static readonly Selection<RemovedRun> Runs = HistoryTables.RemovedRuns.All;

    // The nearest run before each position is found first, and looked at here: a condition on its end inside would walk all
    // the lower ones if none ends there.
    private readonly SqlStatement _touching = dialect.Statement($"""
        SELECT {Runs.Of("r")} FROM removed_runs r WHERE r.session_key = @key AND {dialect.In("r.first_position", "@after")}
        UNION ALL
        SELECT {Runs.Of("r")} FROM removed_runs r WHERE r.session_key = @key AND r.first_position IN (
            SELECT (
                SELECT b.first_position FROM removed_runs b WHERE b.session_key = @key AND b.first_position < each.value
                ORDER BY b.first_position DESC LIMIT 1)
            FROM {dialect.Each("@first")})
        """);

    private readonly SqlStatement _drop = dialect.Statement(
        $"DELETE FROM removed_runs WHERE session_key = @key AND {dialect.In("first_position", "@first")}");

    private readonly SqlInsert<RemovedRun> _add = dialect.Insert(HistoryTables.RemovedRuns);

    /// <summary>
    /// Leaves runs for positions whose rows the caller has removed in the same transaction, and merges neighbours. Whoever
    /// removes events of a log calls it, last in its transaction; it waits for others of the same session.
    /// </summary>
    /// <param name="transaction">The transaction; each of its statements must see what others have committed.</param>
    /// <param name="key">The session.</param>
    /// <param name="links">What this transaction removed, and no other; imported rows of position 0 leave nothing.</param>
    public async ValueTask LeaveAsync(SqlTransaction transaction, long key, IReadOnlyList<RemovedLink> links)
    {
        var left = RemovedRuns.Merge([], links);
        if (left.Count == 0)
        {
            return;
        }

        // Two steps may remove rows of one session at once. What one leaves must be seen by the other, or neighbours would
        // not be merged.
        await transaction.HoldAsync(key);
        long[] first = [.. left.Select(run => run.FirstPosition)];
        long[] after = [.. left.Select(run => run.LastPosition + 1)];
        var near = await transaction.ReadAllAsync(_touching, Runs.Read, ("key", key), ("after", after), ("first", first));
        var touching = near.DistinctBy(run => run.FirstPosition)
            .Where(run => after.Contains(run.FirstPosition) || first.Contains(run.LastPosition + 1)).ToList();
        if (touching.Count > 0)
        {
            await transaction.ExecuteAsync(
                _drop, ("key", key), ("first", touching.Select(run => run.FirstPosition).ToArray()));
        }

        await transaction.InsertAsync(_add, key, RemovedRuns.Merge([.. touching, .. left], []));
    }
}
