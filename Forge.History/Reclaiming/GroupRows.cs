using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Reclaiming;

/// <summary>Reads rows with what their states are decoded on.</summary>
internal sealed class GroupRows(SqlDialect dialect)
{
    private static readonly Selection<StoredCheckpoint> All = HistoryTables.Checkpoints.All;

    // The rows of a group are one range of the primary key; the path is found among them.
    private readonly SqlStatement _group = dialect.Statement($"""
        SELECT {All.Of("c")} FROM checkpoints c
        WHERE c.session_key = @key AND c.sequence >= @group AND c.sequence <= @last
            AND (c.group_sequence = @group OR c.sequence = @group)
        """);

    /// <summary>Some rows of a group; fewer if one is missing.</summary>
    public async ValueTask<IReadOnlyList<StoredCheckpoint>> WithBasesAsync(
        SqlTransaction transaction, long key, long group, IReadOnlyList<long> sequences)
    {
        var rows = await ReadAsync(transaction, key, group, sequences.Max());
        return [.. sequences.Where(rows.ContainsKey).Select(sequence => With(rows[sequence], rows))];
    }

    /// <summary>A row that was read without its bases.</summary>
    public async ValueTask<StoredCheckpoint> WithBasesAsync(SqlTransaction transaction, long key, StoredCheckpoint row) =>
        row is { Base: not null, Group: { } group }
            ? With(row, await ReadAsync(transaction, key, group, row.Sequence - 1))
            : row;

    private async ValueTask<Dictionary<long, StoredCheckpoint>> ReadAsync(
        SqlTransaction transaction, long key, long group, long last) =>
        (await transaction.ReadAllAsync(_group, All.Read, ("key", key), ("group", group), ("last", last)))
            .ToDictionary(row => row.Sequence);

    private static StoredCheckpoint With(StoredCheckpoint row, Dictionary<long, StoredCheckpoint> rows) => row with
    {
        Bases = BasePath.Follow(row, sequence => rows.TryGetValue(sequence, out var found) ? new EncodedState(found) : null),
    };
}
