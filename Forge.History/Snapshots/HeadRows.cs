using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Snapshots;

/// <summary>Reads the head row of a session.</summary>
internal sealed class HeadRows(SqlDialect dialect)
{
    private readonly SqlStatement _head = dialect.Statement(
        $"SELECT {HistoryTables.Sessions.All.Names} FROM sessions WHERE tenant = @tenant AND session = @session");

    private readonly SqlStatement _id = dialect.Statement(
        "SELECT id FROM checkpoints WHERE session_key = @key AND sequence = @sequence");

    private readonly BranchLines _branches = new(dialect);

    private readonly SqlStatement _origin = dialect.Statement(
        $"SELECT {HistoryTables.Forks.All.Names} FROM forks WHERE session_key = @key");

    /// <summary>The head row, also of a deleted session; null if there is none.</summary>
    public ValueTask<SessionHead?> ReadAsync(SqlTransaction transaction, SessionAddress address) => transaction.ReadOneAsync(
        _head, HistoryTables.Sessions.All.Read, ("tenant", address.Tenant.Value), ("session", address.Session.Value));

    /// <summary>The head row; null if there is none, or the session is deleted.</summary>
    public async ValueTask<SessionHead?> FindAsync(SqlTransaction transaction, SessionAddress address) =>
        await ReadAsync(transaction, address) is { DeletedAt: null } head ? head : null;

    /// <summary>The link of a session to the one that it was forked from; null if there is none.</summary>
    public ValueTask<ForkLink?> OriginAsync(SqlTransaction transaction, long key) =>
        transaction.ReadOneAsync(_origin, HistoryTables.Forks.All.Read, ("key", key));

    /// <summary>The head row with the ids of head and current, and with the branches.</summary>
    public async ValueTask<HeadRead> WithIdsAsync(SqlTransaction transaction, SessionHead head) =>
        new(head, await IdAsync(transaction, head.Key, head.Head), await IdAsync(transaction, head.Key, head.Current))
        {
            Branches = await _branches.ReadAsync(transaction, head.Key),
        };

    /// <summary>The rows of a session's branches, by their names.</summary>
    public ValueTask<IReadOnlyList<SessionBranch>> BranchesAsync(SqlTransaction transaction, SessionHead head) =>
        _branches.RowsAsync(transaction, head.Key);

    private ValueTask<CheckpointId> IdAsync(SqlTransaction transaction, long key, long sequence) =>
        transaction.ReadOneAsync(_id, row => new CheckpointId(row.Guid()), ("key", key), ("sequence", sequence));
}
