using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The query of a head row with the ids of head and current, and how it is read.</summary>
internal static class HeadColumns
{
    private static readonly string Select = $"""
        SELECT {HistoryTables.Sessions.All.Of("s")}, h.id, p.id
        FROM sessions s
        LEFT JOIN checkpoints h
            ON h.session_key = s.session_key AND h.sequence = s.head_sequence AND s.deleted_at IS NULL
        LEFT JOIN checkpoints p
            ON p.session_key = s.session_key AND p.sequence = s.current_sequence AND s.deleted_at IS NULL
        """;

    internal static readonly SqlStatement One =
        Dialect.Instance.Statement(Select + " WHERE s.tenant = @tenant AND s.session = @session");

    public static async Task<HeadRead?> ReadAsync(
        NpgsqlConnection connection, SessionAddress address, CancellationToken cancellationToken)
    {
        await using var command = One.Command(
            connection, ("tenant", address.Tenant.Value), ("session", address.Session.Value));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? Read(new RowReader(reader)) : null;
    }

    private static HeadRead Read(RowReader row) => new(HistoryTables.Sessions.All.Read(row), Id(row), Id(row));

    private static CheckpointId Id(RowReader row) => row.TakeNull() ? default : new CheckpointId(row.Guid());
}
