using System.Text.Json;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Sqlite;

internal sealed partial class SqliteHistoryStore
{
    private const string Living =
        "SELECT tenant, session FROM sessions WHERE deleted_at IS NULL AND (?1 IS NULL OR tenant = ?1) " +
        "AND (tenant, session) > (?2, ?3) ORDER BY tenant, session LIMIT ?4";

    private const string RoundColumns =
        "next_at, after_tenant, after_session, started_at, sessions, damaged, done_at, done_sessions, done_damaged, damaged_sessions";

    private const string ClaimRound =
        "UPDATE verification SET claimed_by = ?1, claimed_until = ?3 WHERE next_at <= ?2 " +
        "AND (claimed_by IS NULL OR claimed_by = ?1 OR claimed_until <= ?2) RETURNING " + RoundColumns;

    private const string SaveRound =
        "UPDATE verification SET claimed_until = ?2, claimed_by = CASE WHEN ?2 IS NULL THEN NULL ELSE claimed_by END, " +
        "next_at = ?3, after_tenant = ?4, after_session = ?5, started_at = ?6, sessions = ?7, damaged = ?8, done_at = ?9, " +
        "done_sessions = ?10, done_damaged = ?11, damaged_sessions = ?12 WHERE claimed_by = ?1";

    public async Task<IStoredSession?> OpenStoredAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await Task.Run(() => SqliteStoredSession.Open(Reader.Open, address), cancellationToken);
    }

    public Task<IReadOnlyList<SessionAddress>> ListSessionsAsync(
        TenantId? tenant, SessionAddress? after, int limit, CancellationToken cancellationToken) =>
        Reader.ReadAsync<IReadOnlyList<SessionAddress>>(
            database =>
            {
                var row = database.Prepare(Living).Bind(tenant?.Value).Bind(after?.Tenant.Value ?? "")
                    .Bind(after?.Session.Value ?? "").Bind(limit);
                var found = new List<SessionAddress>();
                while (row.Read())
                {
                    found.Add(new SessionAddress(TenantId.Parse(row.Text(0)), SessionId.Parse(row.Text(1))));
                }

                return found;
            },
            cancellationToken);

    public Task<VerificationRound?> ClaimRoundAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        WriteAsync(
            database => ReadRound(database.Prepare(ClaimRound).Bind(owner).Bind(now).Bind(now + lease)),
            cancellationToken);

    public Task<bool> SaveRoundAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken) =>
        WriteAsync(
            database => database.Prepare(SaveRound)
                .Bind(owner).Bind(heldUntil).Bind(round.NextAt).Bind(round.AfterTenant).Bind(round.AfterSession)
                .Bind(round.StartedAt).Bind(round.Sessions).Bind(round.Damaged).Bind(round.DoneAt).Bind(round.DoneSessions)
                .Bind(round.DoneDamaged).Bind(JsonSerializer.Serialize(round.DamagedSessions)).Execute() == 1,
            cancellationToken);

    public Task<VerificationRound> ReadRoundAsync(CancellationToken cancellationToken) => Reader.ReadAsync(
        static database => ReadRound(database.Prepare("SELECT " + RoundColumns + " FROM verification"))!, cancellationToken);

    private static VerificationRound? ReadRound(SqliteStatement row)
    {
        if (!row.Read())
        {
            return null;
        }

        var round = new VerificationRound
        {
            NextAt = row.Time(0),
            AfterTenant = row.Text(1),
            AfterSession = row.Text(2),
            StartedAt = row.NullableTime(3),
            Sessions = row.Int64(4),
            Damaged = row.Int64(5),
            DoneAt = row.NullableTime(6),
            DoneSessions = row.Int64(7),
            DoneDamaged = row.Int64(8),
            DamagedSessions = JsonSerializer.Deserialize<string[]>(row.Text(9))!,
        };
        row.Reset();
        return round;
    }
}
