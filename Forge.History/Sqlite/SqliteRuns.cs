using Forge.History.Chain;

namespace Forge.History.Sqlite;

/// <summary>The records of removed positions, inside a transaction of the caller's.</summary>
internal static class SqliteRuns
{
    private const string Columns = "first_position, last_position, creates, bytes, last_sequence, chain, seal";

    private const string Touching =
        "SELECT " + Columns + " FROM (SELECT * FROM removed_runs WHERE session_key = ?1 AND first_position < ?2 " +
        "ORDER BY first_position DESC LIMIT 1) WHERE last_position = ?2 - 1 " +
        "UNION ALL SELECT " + Columns + " FROM removed_runs WHERE session_key = ?1 AND first_position = ?3 + 1";

    private const string Page =
        "SELECT " + Columns + " FROM removed_runs WHERE session_key = ?1 AND first_position > ?2 ORDER BY first_position LIMIT ?3";

    private const string DropOne = "DELETE FROM removed_runs WHERE session_key = ?1 AND first_position = ?2";

    private const string Add =
        "INSERT INTO removed_runs (session_key, " + Columns + ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

    private const string DropAll = "DELETE FROM removed_runs WHERE session_key = ?1";

    /// <summary>Removes the runs of a session of which nothing is left.</summary>
    public static void Drop(SqliteDatabase database, long key) => database.Prepare(DropAll).Bind(key).Execute();

    /// <summary>
    /// Leaves runs for positions whose rows the caller removes in the same transaction, and merges neighbours. Whoever removes
    /// rows of checkpoints or events calls it; imported rows of position 0 leave nothing.
    /// </summary>
    public static void Leave(SqliteDatabase database, long key, IReadOnlyList<RemovedLink> links)
    {
        // First among themselves, so that of a step over neighbours two runs of the table are touched at the most.
        foreach (var run in RemovedRun.Merge([], links))
        {
            var touching = ReadAll(database.Prepare(Touching).Bind(key).Bind(run.FirstPosition).Bind(run.LastPosition));
            foreach (var old in touching)
            {
                database.Prepare(DropOne).Bind(key).Bind(old.FirstPosition).Execute();
            }

            foreach (var merged in RemovedRun.Merge([.. touching, run], []))
            {
                database.Prepare(Add).Bind(key).Bind(merged.FirstPosition).Bind(merged.LastPosition).Bind(merged.Creates)
                    .Bind(merged.Bytes).Bind(merged.LastSequence).Bind(merged.Chain).Bind(merged.Seal).Execute();
            }
        }
    }

    public static List<RemovedRun> Read(SqliteDatabase database, long key, long after, int limit) =>
        ReadAll(database.Prepare(Page).Bind(key).Bind(after).Bind(limit));

    private static List<RemovedRun> ReadAll(SqliteStatement row)
    {
        var runs = new List<RemovedRun>();
        while (row.Read())
        {
            runs.Add(new RemovedRun(
                row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3), row.Int64(4), row.NullableBlob(5), row.Int64(6)));
        }

        return runs;
    }
}
