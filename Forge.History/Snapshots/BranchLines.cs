using System.Collections.Immutable;
using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Snapshots;

/// <summary>The branches of a session: how they are selected, with the ids of what they name, and how that is read.</summary>
internal sealed class BranchLines(SqlDialect dialect)
{
    private readonly SqlStatement _lines = dialect.Statement(Select("@key"));

    private readonly SqlStatement _rows = dialect.Statement(
        $"SELECT {HistoryTables.Branches.All.Names} FROM branches WHERE session_key = @key ORDER BY branch");

    /// <summary>The query of the branches of a session.</summary>
    /// <param name="key">What names the session.</param>
    public static string Select(string key) => $"""
        SELECT l.branch, l.head_sequence, lh.id AS head_id, l.current_sequence, lc.id AS current_id, l.checkpoint_count
        FROM branches l
        LEFT JOIN checkpoints lh ON lh.session_key = l.session_key AND lh.sequence = l.head_sequence
        LEFT JOIN checkpoints lc ON lc.session_key = l.session_key AND lc.sequence = l.current_sequence
        WHERE l.session_key = {key}
        """;

    /// <summary>Takes one from the next values of a row.</summary>
    public static (string Branch, BranchLine Line) Read(SqlRow row)
    {
        var branch = row.Text();
        var head = Pointer(row);
        var current = Pointer(row);
        return (branch, new BranchLine(head, current, row.Long()));
    }

    /// <summary>Where the branches of a session stand.</summary>
    public async ValueTask<ImmutableSortedDictionary<string, BranchLine>> ReadAsync(SqlTransaction transaction, long key)
    {
        var lines = await transaction.ReadAllAsync(_lines, Read, ("key", key));
        return lines.Count == 0
            ? HeadRead.NoBranches
            : HeadRead.NoBranches.AddRange(lines.Select(line => KeyValuePair.Create(line.Branch, line.Line)));
    }

    /// <summary>Their rows, by their names.</summary>
    public async ValueTask<IReadOnlyList<SessionBranch>> RowsAsync(SqlTransaction transaction, long key) =>
        await transaction.ReadAllAsync(_rows, HistoryTables.Branches.All.Read, ("key", key));

    private static CheckpointPointer Pointer(SqlRow row)
    {
        var sequence = row.Long();
        return new(sequence, row.TakeNull() ? default : new CheckpointId(row.Guid()));
    }
}
