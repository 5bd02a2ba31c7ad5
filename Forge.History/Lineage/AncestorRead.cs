using Forge.Checkpoints;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Lineage;

/// <summary>Reads the nearest visible ancestor of a checkpoint.</summary>
internal sealed class AncestorRead(ISqlDatabase database)
{
    private readonly HeadRows _heads = new(database.Dialect);

    private readonly SqlStatement _nearest = database.Dialect.Statement($"""
        SELECT c.sequence, c.id FROM checkpoints c
        WHERE c.session_key = @key AND c.sequence = {new LineageWalk(database.Dialect, "@key").Nearest("@sequence")}
        """);

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
}
