using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Snapshots;

/// <summary>Reads rows with what their states are decoded on: of each its own path, whatever else its group holds.</summary>
internal sealed class PathRows(SqlDialect dialect)
{
    private static readonly Selection<StoredCheckpoint> All = HistoryTables.Checkpoints.All;

    // Walked without a join, so that no plan can read a session's other rows for it.
    private readonly SqlStatement _paths = dialect.Statement($"""
        WITH RECURSIVE path (sequence, base_sequence) AS (
            SELECT c.sequence, c.base_sequence FROM checkpoints c
            WHERE c.session_key = @key AND {dialect.In("c.sequence", "@sequences")}
            UNION
            SELECT p.base_sequence, (
                SELECT c.base_sequence FROM checkpoints c WHERE c.session_key = @key AND c.sequence = p.base_sequence)
            FROM path p WHERE p.base_sequence < p.sequence)
        SELECT sequence FROM path
        """);

    private readonly SqlStatement _rows = dialect.Statement(
        $"SELECT {All.Of("c")} FROM checkpoints c WHERE c.session_key = @key AND {dialect.In("c.sequence", "@sequences")}");

    /// <summary>Some rows with their bases; fewer if one is missing. What is on the paths of several is read once.</summary>
    public async ValueTask<IReadOnlyList<StoredState>> WithBasesAsync(
        SqlTransaction transaction, long key, IReadOnlyList<long> sequences)
    {
        var rows = await ReadAsync(transaction, key, sequences);
        return [.. sequences.Where(rows.ContainsKey).Select(sequence => With(rows[sequence], rows))];
    }

    /// <summary>A row that was read without its bases.</summary>
    public async ValueTask<StoredState> WithBasesAsync(SqlTransaction transaction, long key, StoredCheckpoint row) =>
        row.Base is { } known ? With(row, await ReadAsync(transaction, key, [known])) : new StoredState(row, []);

    private async ValueTask<Dictionary<long, StoredCheckpoint>> ReadAsync(
        SqlTransaction transaction, long key, IReadOnlyList<long> sequences)
    {
        var path = await transaction.ReadAllAsync(_paths, row => row.Long(), ("key", key), ("sequences", sequences.ToArray()));
        return (await transaction.ReadAllAsync(_rows, All.Read, ("key", key), ("sequences", path.ToArray())))
            .ToDictionary(row => row.Sequence);
    }

    private static StoredState With(StoredCheckpoint row, Dictionary<long, StoredCheckpoint> rows) => new(
        row, BasePath.Follow(row, sequence => rows.TryGetValue(sequence, out var found) ? new EncodedState(found) : null));
}
