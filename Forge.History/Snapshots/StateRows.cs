using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Snapshots;

/// <summary>Reads the states of some checkpoints of a session at once.</summary>
internal sealed class StateRows(ISqlDatabase database)
{
    private readonly HeadRows _heads = new(database.Dialect);
    private readonly PathRows _paths = new(database.Dialect);

    /// <summary>
    /// The rows that are there, by rising sequence, each with what its state is decoded on. What is on the paths of several is read, and
    /// held, once. None of a session that is deleted.
    /// </summary>
    public Task<Versioned<IReadOnlyList<StoredState>>> ReadAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken) => database.ReadAsync(
        async t => await _heads.ReadAsync(t, address) is { } head
            ? new Versioned<IReadOnlyList<StoredState>>(
                head.Version, head.DeletedAt is null ? await _paths.WithBasesAsync(t, head.Key, [.. sequences.Order()]) : [])
            : new Versioned<IReadOnlyList<StoredState>>(0, []),
        cancellationToken);
}
