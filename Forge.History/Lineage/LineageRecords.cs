using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Lineage;

/// <summary>Writes what is known of the ancestors of checkpoints whose rows go.</summary>
internal sealed class LineageRecords(SqlDialect dialect)
{
    /// <summary>
    /// How many records a session may have beyond its checkpoints. More of them than there are checkpoints means that some tell of what
    /// no checkpoint names as its parent.
    /// </summary>
    private const long MostUnneeded = 10_000;

    /// <summary>Sequences that are no further apart are read by one statement.</summary>
    private const long Near = 512;

    private static readonly Selection<RemovedLineage> All = HistoryTables.Lineage.All;

    private readonly SqlStatement _among = dialect.Statement($"""
        SELECT {All.Of("l")} FROM lineage l
        WHERE l.session_key = @key AND l.first_sequence <= @last AND l.first_sequence >= coalesce((
            SELECT max(b.first_sequence) FROM lineage b WHERE b.session_key = @key AND b.first_sequence <= @first), @first)
        """);

    private readonly SqlStatement _naming = dialect.Statement(
        $"SELECT {All.Of("l")} FROM lineage l WHERE l.session_key = @key AND {dialect.In("l.ancestor_sequence", "@sequences")}");

    private readonly SqlStatement _drop = dialect.Statement(
        $"DELETE FROM lineage WHERE session_key = @key AND {dialect.In("first_sequence", "@first")}");

    private readonly SqlInsert<RemovedLineage> _add = dialect.Insert(HistoryTables.Lineage);

    private readonly SqlStatement _mayHaveUnneeded = dialect.Statement("""
        SELECT (SELECT count(*) FROM lineage WHERE session_key = @key) > @most + checkpoint_count FROM sessions WHERE session_key = @key
        """);

    private readonly SqlStatement _all = dialect.Statement(
        $"SELECT {All.Names} FROM lineage WHERE session_key = @key ORDER BY first_sequence");

    // Of hidden rows too: what was hidden before there were records is gone through row by row.
    private readonly SqlStatement _parents = dialect.Statement(
        "SELECT DISTINCT parent_sequence FROM checkpoints WHERE session_key = @key");

    /// <summary>
    /// Notes checkpoints that nobody sees any more, and whose rows the caller removes or hides in the same transaction. It waits for
    /// others of the same session.
    /// </summary>
    /// <param name="transaction">The transaction; each of its statements must see what others have committed.</param>
    /// <param name="key">The session.</param>
    /// <param name="going">The rows, also of what was noted before.</param>
    public async ValueTask NoteAsync(SqlTransaction transaction, long key, IReadOnlyCollection<StoredCheckpoint> going)
    {
        if (going.Count == 0)
        {
            return;
        }

        await transaction.HoldAsync(key);
        long[] sequences = [.. going.Select(row => row.Sequence)];
        var near = await transaction.ReadAllAsync(_naming, All.Read, ("key", key), ("sequences", sequences));
        foreach (var (first, last) in Stretches(sequences.Concat(going.Select(row => row.Parent).Where(parent => parent > 0))))
        {
            near.AddRange(await transaction.ReadAllAsync(_among, All.Read, ("key", key), ("first", first - 1), ("last", last + 1)));
        }

        var before = near.ToHashSet();
        var after = LineageMerge.With(before, going.Select(row => (row.Sequence, row.Parent))).ToHashSet();
        await DropAsync(transaction, key, before.Where(record => !after.Contains(record)));
        await transaction.InsertAsync(_add, key, [.. after.Where(record => !before.Contains(record))]);
    }

    /// <summary>Removes what no checkpoint needs any more, if that may be much.</summary>
    public async ValueTask ForgetAsync(SqlTransaction transaction, long key)
    {
        if (!await transaction.ReadOneAsync(_mayHaveUnneeded, row => row.Bool(), ("key", key), ("most", MostUnneeded)))
        {
            return;
        }

        await transaction.HoldAsync(key);
        var records = await transaction.ReadAllAsync(_all, All.Read, ("key", key));
        var needed = new HashSet<RemovedLineage>();
        await transaction.EachAsync(
            _parents,
            row =>
            {
                // A record names what has none itself, or what had one only after it: what is named is needed as well.
                for (var at = row.Long(); LineageMerge.Find(records, at) is { } record && needed.Add(record); at = record.Ancestor)
                {
                }
            },
            ("key", key));
        await DropAsync(transaction, key, records.Where(record => !needed.Contains(record)));
    }

    private async ValueTask DropAsync(SqlTransaction transaction, long key, IEnumerable<RemovedLineage> records)
    {
        long[] first = [.. records.Select(record => record.First)];
        if (first.Length > 0)
        {
            await transaction.ExecuteAsync(_drop, ("key", key), ("first", first));
        }
    }

    private static List<SequenceRange> Stretches(IEnumerable<long> sequences)
    {
        var stretches = new List<SequenceRange>();
        foreach (var sequence in sequences.Order())
        {
            if (stretches is [.., var last] && sequence - last.Last <= Near)
            {
                stretches[^1] = last with { Last = sequence };
            }
            else
            {
                stretches.Add(new SequenceRange(sequence, sequence));
            }
        }

        return stretches;
    }
}
