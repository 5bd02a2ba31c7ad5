using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Forks;

/// <summary>Reads a session and the checkpoint that it is forked at.</summary>
internal sealed class ForkPoints(SqlDialect dialect)
{
    private static readonly Selection<StoredCheckpoint> All = HistoryTables.Checkpoints.All;

    private readonly HeadRows _heads = new(dialect);

    private readonly PathRows _paths = new(dialect);

    private readonly SqlStatement _bySequence = One(dialect, "sequence");

    private readonly SqlStatement _byId = One(dialect, "id");

    /// <summary>Both; null if there is no such session.</summary>
    public async ValueTask<ForkPoint?> FindAsync(SqlTransaction transaction, SessionAddress origin, CheckpointReference checkpoint)
    {
        if (await _heads.ReadAsync(transaction, origin) is not { } head)
        {
            return null;
        }

        var row = head.DeletedAt is not null ? null
            : checkpoint.Id.IsEmpty
                ? await transaction.ReadOneAsync(
                    _bySequence, All.Read, ("key", head.Key), ("sequence", await SequenceAsync(transaction, checkpoint, head)))
                : await transaction.ReadOneAsync(_byId, All.Read, ("key", head.Key), ("id", checkpoint.Id.Value));
        return new ForkPoint(head, row is null ? null : await _paths.WithBasesAsync(transaction, head.Key, row));
    }

    private async ValueTask<long> SequenceAsync(SqlTransaction transaction, CheckpointReference checkpoint, SessionHead head)
    {
        if (checkpoint is { IsLatest: false, IsCurrent: false })
        {
            return checkpoint.Sequence;
        }

        if (checkpoint.OtherBranch is not { } branch)
        {
            return checkpoint.IsLatest ? head.Head : head.Current;
        }

        var line = (await _heads.WithIdsAsync(transaction, head)).LineOf(branch);
        return (checkpoint.IsLatest ? line.Head : line.Current).Sequence;
    }

    private static SqlStatement One(SqlDialect dialect, string name) => dialect.Statement($"""
        SELECT {All.Of("c")} FROM checkpoints c
        WHERE c.session_key = @key AND c.{name} = @{name} AND NOT c.removed
            AND NOT EXISTS (SELECT 1 FROM removed_ranges r
                WHERE r.session_key = @key AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence)
        """);
}
