using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The query of a head row with the ids of head and current and the branches, and how it is read.</summary>
internal static class HeadColumns
{
    private static readonly string Columns = $"{HistoryTables.Sessions.All.Of("s")}, h.id, p.id, s.session";

    private const string From = """
        FROM sessions s
        LEFT JOIN checkpoints h
            ON h.session_key = s.session_key AND h.sequence = s.head_sequence AND s.deleted_at IS NULL
        LEFT JOIN checkpoints p
            ON p.session_key = s.session_key AND p.sequence = s.current_sequence AND s.deleted_at IS NULL
        """;

    internal static readonly SqlStatement One = Dialect.Instance.Statement($"""
        SELECT {Columns}, b.branch, b.head_sequence, b.head_id, b.current_sequence, b.current_id, b.checkpoint_count
        {From}
        LEFT JOIN LATERAL ({BranchLines.Select("s.session_key")}) b ON s.deleted_at IS NULL
        WHERE s.tenant = @tenant AND s.session = @session
        """);

    // In the order of the unique index over the two, so that a page reads its own rows and the tombstones among them.
    private static readonly SqlStatement Page = Dialect.Instance.Statement($"SELECT {Columns} {From}" + """
         WHERE s.tenant = @tenant AND s.session > @after AND s.session >= @prefix AND s.session < @end AND s.deleted_at IS NULL
        ORDER BY s.session LIMIT @limit
        """);

    public static async Task<HeadRead?> ReadAsync(
        NpgsqlConnection connection, SessionAddress address, CancellationToken cancellationToken)
    {
        await using var command = One.Command(
            connection, ("tenant", address.Tenant.Value), ("session", address.Session.Value));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (row, head, branches) = (new RowReader(reader), (HeadRead?)null, HeadRead.NoBranches);
        while (await reader.ReadAsync(cancellationToken))
        {
            row.Begin();
            head = Read(row);
            row.Skip(1);
            if (row.IsNull)
            {
                return head;
            }

            var (branch, line) = BranchLines.Read(row);
            branches = branches.Add(branch, line);
        }

        return head is null ? null : head with { Branches = branches };
    }

    public static async Task<IReadOnlyList<SessionRow>> ListAsync(
        NpgsqlConnection connection, TenantId tenant, SessionFilter filter, CancellationToken cancellationToken)
    {
        await using var command = Page.Command(
            connection,
            ("tenant", tenant.Value), ("after", filter.After), ("prefix", filter.Prefix), ("end", filter.End), ("limit", filter.Limit));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var (row, rows) = (new RowReader(reader), new List<SessionRow>());
        while (await reader.ReadAsync(cancellationToken))
        {
            row.Begin();
            var head = Read(row);
            rows.Add(new SessionRow(SessionId.Parse(row.Text()), head));
        }

        return rows;
    }

    private static HeadRead Read(RowReader row) => new(HistoryTables.Sessions.All.Read(row), Id(row), Id(row));

    private static CheckpointId Id(RowReader row) => row.TakeNull() ? default : new CheckpointId(row.Guid());
}
