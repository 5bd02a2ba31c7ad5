using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.PostgreSql;

internal sealed partial class SessionChanges
{
    private static readonly PassedInsert<Keyed<StoredWrite>> PutWrites =
        Replacing(HistoryTables.PendingWrites, "session_key, sequence, task, write_index");

    private static readonly PassedInsert<Keyed<RememberedRequest>> PutWritesOfCreates = Under(
        HistoryTables.Requests, "ON CONFLICT (session_key, id) DO UPDATE SET at = excluded.at, kind = excluded.kind, outcome = excluded.outcome");

    private static readonly SqlStatement MoveWrites = Of(MoveRows("pending_writes", ""));

    private readonly List<Keyed<StoredWrite>> _writes = [];
    private readonly List<Keyed<RememberedRequest>> _writesOfCreates = [];

    public void Visit(Wrote change) => _writes.Add(new(_key, change.Row));
}
