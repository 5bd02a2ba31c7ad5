using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Verification;

/// <summary>Opens what is stored of sessions, and keeps the row of the background verification.</summary>
internal sealed class HistoryVerification(ISqlDatabase database, Seals seals) : IVerification
{
    private static readonly Selection<VerificationRound> Round = HistoryTables.Verification.All;

    private readonly HeadRows _heads = new(database.Dialect);
    private readonly StoredStatements _statements = new(database.Dialect);

    // What was noted by a clock that was ahead, a round done or a lease given much later than now, holds nobody up.
    private readonly SqlStatement _claim = database.Dialect.Statement($"""
        UPDATE verification SET claimed_by = @owner, claimed_until = @until
        WHERE (next_at <= @now OR done_at > @ahead)
            AND (claimed_by IS NULL OR claimed_by = @owner OR claimed_until <= @now OR claimed_until > @too_late)
        RETURNING {Round.Names}
        """);

    private readonly SqlStatement _save = database.Dialect.Statement($"""
        UPDATE verification SET claimed_until = @held, claimed_by = CASE WHEN @held IS NULL THEN NULL ELSE claimed_by END,
            {string.Join(", ", Round.Columns.Select(c => $"{c.Name} = @{c.Name}"))}
        WHERE claimed_by = @owner
        """);

    private readonly SqlStatement _read = database.Dialect.Statement($"SELECT {Round.Names} FROM verification");

    public async Task<IStoredSession?> OpenStoredAsync(SessionAddress address, CancellationToken cancellationToken)
    {
        var snapshot = await database.OpenAsync(cancellationToken);
        StoredSession? session = null;
        try
        {
            session = await snapshot.ReadAsync(
                async t => await _heads.FindAsync(t, address) is { } head
                    ? new StoredSession(
                        _statements, seals, address, snapshot, head, await _statements.Pages.RemovedAsync(t, head.Key),
                        await _statements.Pages.TrunksAsync(t, head.Key))
                    : null,
                cancellationToken);
            return session;
        }
        finally
        {
            if (session is null)
            {
                await snapshot.DisposeAsync();
            }
        }
    }

    public Task<VerificationRound?> ClaimRoundAsync(
        string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) => database.ChangeAsync(
            t => t.ReadOneAsync(
                _claim,
                Round.Read,
                ("owner", owner),
                ("until", now + lease),
                ("too_late", now + lease + ClockSkew.Most),
                ("now", now),
                ("ahead", now + ClockSkew.Most)),
            cancellationToken);

    public async Task<bool> SaveRoundAsync(
        string owner, VerificationRound round, DateTimeOffset? heldUntil, CancellationToken cancellationToken) =>
        await database.ChangeAsync(
            t => t.ExecuteAsync(_save, [("held", heldUntil), ("owner", owner), .. SqlArgument.Of(Round.Columns, round)]),
            cancellationToken) == 1;

    public async Task<VerificationRound> ReadRoundAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(t => t.ReadOneAsync(_read, Round.Read), cancellationToken) ?? new VerificationRound();
}
