using System.Text.Json;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The row that says how far the background verification has come, and the names of the sessions it goes through.</summary>
internal sealed class VerificationRow(PostgreSqlDatabase database)
{
    private const string Columns =
        "next_at, after_tenant, after_session, started_at, sessions, damaged, done_at, done_sessions, done_damaged, damaged_sessions";

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken) =>
        database.Reads.ReadAsync<IReadOnlyList<SessionAddress>>(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand($"""
                    SELECT tenant, session FROM sessions
                    WHERE deleted_at IS NULL AND (tenant, session) > ($1, $2){(tenant is null ? "" : " AND tenant = $4")}
                    ORDER BY tenant, session LIMIT $3
                    """, connection);
                command.Parameters.AddValue(after?.Tenant.Value ?? "");
                command.Parameters.AddValue(after?.Session.Value ?? "");
                command.Parameters.AddValue(limit);
                if (tenant is { } only)
                {
                    command.Parameters.AddValue(only.Value);
                }

                await using var reader = await command.ExecuteReaderAsync(token);
                var found = new List<SessionAddress>();
                while (await reader.ReadAsync(token))
                {
                    found.Add(new SessionAddress(TenantId.Parse(reader.GetString(0)), SessionId.Parse(reader.GetString(1))));
                }

                return found;
            },
            cancellationToken);

    public Task<VerificationRound?> ClaimAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand($"""
                    UPDATE verification SET claimed_by = $1, claimed_until = $3
                    WHERE next_at <= $2 AND (claimed_by IS NULL OR claimed_by = $1 OR claimed_until <= $2)
                    RETURNING {Columns}
                    """, connection);
                command.Parameters.AddValue(owner);
                command.Parameters.AddValue(now);
                command.Parameters.AddValue(now + lease);
                return await ReadAsync(command, token);
            },
            cancellationToken);

    public Task<bool> SaveAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand("""
                    UPDATE verification SET claimed_until = $2, claimed_by = CASE WHEN $2 IS NULL THEN NULL ELSE claimed_by END,
                        next_at = $3, after_tenant = $4, after_session = $5, started_at = $6, sessions = $7, damaged = $8,
                        done_at = $9, done_sessions = $10, done_damaged = $11, damaged_sessions = $12
                    WHERE claimed_by = $1
                    """, connection);
                command.Parameters.AddValue(owner);
                command.Parameters.AddValue(heldUntil);
                command.Parameters.AddValue(round.NextAt);
                command.Parameters.AddValue(round.AfterTenant);
                command.Parameters.AddValue(round.AfterSession);
                command.Parameters.AddValue(round.StartedAt);
                command.Parameters.AddValue(round.Sessions);
                command.Parameters.AddValue(round.Damaged);
                command.Parameters.AddValue(round.DoneAt);
                command.Parameters.AddValue(round.DoneSessions);
                command.Parameters.AddValue(round.DoneDamaged);
                command.Parameters.AddValue(JsonSerializer.Serialize(round.DamagedSessions));
                return await command.ExecuteNonQueryAsync(token) == 1;
            },
            cancellationToken);

    public Task<VerificationRound> ReadAsync(CancellationToken cancellationToken) => database.Reads.ReadAsync(
        async (connection, token) =>
        {
            await using var command = new NpgsqlCommand($"SELECT {Columns} FROM verification", connection);
            return await ReadAsync(command, token) ?? new VerificationRound();
        },
        cancellationToken);

    private static async Task<VerificationRound?> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new VerificationRound
            {
                NextAt = reader.GetFieldValue<DateTimeOffset>(0),
                AfterTenant = reader.GetString(1),
                AfterSession = reader.GetString(2),
                StartedAt = reader.GetFieldValue<DateTimeOffset?>(3),
                Sessions = reader.GetInt64(4),
                Damaged = reader.GetInt64(5),
                DoneAt = reader.GetFieldValue<DateTimeOffset?>(6),
                DoneSessions = reader.GetInt64(7),
                DoneDamaged = reader.GetInt64(8),
                DamagedSessions = JsonSerializer.Deserialize<string[]>(reader.GetString(9))!,
            }
            : null;
    }
}
