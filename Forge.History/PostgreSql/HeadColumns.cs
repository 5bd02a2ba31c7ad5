using System.Collections.Immutable;
using Forge.Checkpoints;
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
    private static readonly string Columns = $"{HistoryTables.Sessions.All.Of("s")}, h.id, p.id";

    private const string From = """
        FROM sessions s
        LEFT JOIN checkpoints h
            ON h.session_key = s.session_key AND h.sequence = s.head_sequence AND s.deleted_at IS NULL
        LEFT JOIN checkpoints p
            ON p.session_key = s.session_key AND p.sequence = s.current_sequence AND s.deleted_at IS NULL
        """;

    internal static readonly SqlStatement One = Dialect.Instance.Statement($"""
        SELECT {Columns}, b.branches, b.heads, b.head_ids, b.currents, b.current_ids, b.counts
        {From}
        LEFT JOIN LATERAL (
            SELECT array_agg(g.branch) AS branches, array_agg(g.head_sequence) AS heads, array_agg(g.head_id) AS head_ids,
                array_agg(g.current_sequence) AS currents, array_agg(g.current_id) AS current_ids, array_agg(g.checkpoint_count) AS counts
            FROM ({BranchLines.Select("s.session_key")}) g) b ON s.deleted_at IS NULL
        WHERE s.tenant = @tenant AND s.session = @session
        """);

    public static async Task<HeadRead?> ReadAsync(
        NpgsqlConnection connection, SessionAddress address, CancellationToken cancellationToken)
    {
        await using var command = One.Command(
            connection, ("tenant", address.Tenant.Value), ("session", address.Session.Value));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var row = new RowReader(reader);
        var head = Read(row);
        return row.IsNull ? head : head with { Branches = await BranchesAsync(row, cancellationToken) };
    }

    private static async Task<ImmutableSortedDictionary<string, BranchLine>> BranchesAsync(RowReader row, CancellationToken cancellationToken)
    {
        var branches = await row.ValueAsync<string[]>(cancellationToken);
        var (heads, headIds) = (await row.ValueAsync<long[]>(cancellationToken), await row.ValueAsync<Guid?[]>(cancellationToken));
        var (currents, currentIds) = (await row.ValueAsync<long[]>(cancellationToken), await row.ValueAsync<Guid?[]>(cancellationToken));
        var counts = await row.ValueAsync<long[]>(cancellationToken);
        return HeadRead.NoBranches.AddRange(branches.Select((branch, i) => KeyValuePair.Create(
            branch, new BranchLine(Pointer(heads[i], headIds[i]), Pointer(currents[i], currentIds[i]), counts[i]))));

        static CheckpointPointer Pointer(long sequence, Guid? id) => new(sequence, id is { } value ? new CheckpointId(value) : default);
    }

    private static HeadRead Read(RowReader row) => new(HistoryTables.Sessions.All.Read(row), Id(row), Id(row));

    private static CheckpointId Id(RowReader row) => row.TakeNull() ? default : new CheckpointId(row.Guid());
}
