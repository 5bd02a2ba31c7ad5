using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Lineage;

/// <summary>Reads the nearest visible ancestors of checkpoints.</summary>
internal sealed class AncestorRead(ISqlDatabase database)
{
    private static readonly Selection<StoredCheckpoint> Summary = HistoryTables.Checkpoints.Without(ColumnUse.Heavy);

    private readonly HeadRows _heads = new(database.Dialect);

    private readonly SqlStatement _nearest = database.Dialect.Statement($"""
        SELECT c.sequence, c.id FROM checkpoints c
        WHERE c.session_key = @key AND c.sequence = {new LineageWalk(database.Dialect, "@key").Nearest("@sequence")}
        """);

    private readonly SqlStatement _path = PathOf(database.Dialect);

    private readonly SqlStatement _kept = database.Dialect.Statement($"""
        SELECT each.value, {new LineageWalk(database.Dialect, "@key").Nearest("each.value")}
        FROM {database.Dialect.Each("@sequences")}
        """);

    /// <summary>The nearest one of a checkpoint and its ancestors that is visible; null for none.</summary>
    public Task<Versioned<CheckpointPointer?>> ReadAsync(SessionAddress address, long sequence, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async transaction =>
            {
                var head = await _heads.ReadAsync(transaction, address);
                var found = head is not { DeletedAt: null } ? null : await transaction.ReadOneAsync(
                    _nearest,
                    row => (CheckpointPointer?)new CheckpointPointer(row.Long(), new CheckpointId(row.Guid())),
                    ("key", head.Key), ("sequence", sequence));
                return new Versioned<CheckpointPointer?>(head?.Version ?? 0, found);
            },
            cancellationToken);

    /// <summary>The visible ancestors of a checkpoint, the nearest first.</summary>
    public Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadPathAsync(
        SessionAddress address, long sequence, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async transaction =>
            {
                var head = await _heads.ReadAsync(transaction, address);
                return new Versioned<IReadOnlyList<StoredCheckpoint>>(head?.Version ?? 0, head is not { DeletedAt: null } ? [] :
                    await transaction.ReadAllAsync(_path, Summary.Read, ("key", head.Key), ("from", sequence), ("limit", (long)limit)));
            },
            cancellationToken);

    /// <summary>The same of several, by their sequences: 0 for none.</summary>
    public Task<Versioned<IReadOnlyDictionary<long, long>>> ReadAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async transaction =>
            {
                var head = await _heads.ReadAsync(transaction, address);
                var found = head is not { DeletedAt: null } ? [] : await transaction.ReadAllAsync(
                    _kept, row => (Of: row.Long(), Kept: row.Long()), ("key", head.Key), ("sequences", sequences.ToArray()));
                return new Versioned<IReadOnlyDictionary<long, long>>(head?.Version ?? 0, found.ToDictionary(f => f.Of, f => f.Kept));
            },
            cancellationToken);

    private static SqlStatement PathOf(SqlDialect dialect)
    {
        var walk = new LineageWalk(dialect, "@key");
        return dialect.Statement($"""
            WITH RECURSIVE path (at, place) AS (
                SELECT {walk.Nearest(walk.Above("@from"))}, 1
                UNION ALL
                SELECT {walk.Nearest(walk.Above("a.at"))}, a.place + 1 FROM path a WHERE a.at > 0 AND a.place < @limit)
            SELECT {Summary.Of("c")} FROM path a JOIN checkpoints c ON c.session_key = @key AND c.sequence = a.at ORDER BY a.place
            """);
    }
}
