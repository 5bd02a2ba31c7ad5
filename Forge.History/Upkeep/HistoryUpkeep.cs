using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Reclaiming;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Upkeep;

/// <summary>Hands out due work and ends it, walks over all sessions, and has the steps done that remove rows.</summary>
internal sealed class HistoryUpkeep(ISqlDatabase database, Seals seals) : IUpkeep
{
    private static readonly Selection<DueWork> Work = HistoryTables.DueWork.All;

    private readonly WorkSteps _steps = new(database, seals);
    private readonly LogTrim _trim = new(database.Dialect);
    private readonly ActivityRows _activity = new(database);
    private readonly ImportTimes.Reader _imports = new(database.Dialect);

    private readonly SqlStatement _claim = database.Dialect.Statement($"""
        UPDATE due_work SET claimed_by = @owner, claimed_until = @until
        WHERE work_id = coalesce(({First(database.Dialect, "due_at <= @now")}), ({First(database.Dialect, "due_at > @latest")}))
        RETURNING {Work.Names}
        """);

    private readonly SqlStatement _find = database.Dialect.Statement(
        $"SELECT {Work.Names} FROM due_work WHERE kind = @kind AND session_key = @key");

    private readonly SqlStatement _end = database.Dialect.Statement(
        "DELETE FROM due_work WHERE work_id = @id AND noted = @noted");

    private readonly SqlStatement _postpone = database.Dialect.Statement($"""
        UPDATE due_work SET claimed_by = NULL, claimed_until = NULL, failures = 0,
            due_at = CASE WHEN noted = @noted THEN @again ELSE {database.Dialect.Least("@again", "@if_noted")} END
        WHERE work_id = @id
        """);

    // The claim stays until it runs out: staged rows whose removal was claimed are never taken over, whatever became of it.
    private readonly SqlStatement _putOff = database.Dialect.Statement(
        "UPDATE due_work SET due_at = @due, failures = failures + 1 WHERE work_id = @id");

    private readonly SqlStatement _findAddress = database.Dialect.Statement(
        "SELECT tenant, session FROM sessions WHERE session_key = @key");

    private readonly SqlStatement _findSessions = database.Dialect.Statement("""
        SELECT s.session_key, s.tenant, s.session, s.settings, s.created_at, s.last_created_at, s.checkpoint_count, s.last_position,
            (SELECT e.at FROM events e WHERE e.session_key = s.session_key AND e.kind = 7 ORDER BY e.position DESC LIMIT 1)
        FROM sessions s WHERE s.session_key > @after AND s.deleted_at IS NULL ORDER BY s.session_key LIMIT @limit
        """);

    private readonly SqlStatement _moveOn = database.Dialect.Statement("""
        UPDATE due_work SET cursor = @next, due_at = @due, claimed_by = NULL, claimed_until = NULL, failures = 0
        WHERE work_id = @id AND cursor = @cursor
        """);

    private readonly SqlInsert<FoundWork> _note = database.Dialect.Insert(HistoryTables.FoundWork, "ON CONFLICT DO NOTHING");

    // The rows are chosen once and apart, or a plan may choose others again for each row that it removes.
    private readonly SqlStatement _forget = database.Dialect.Statement($"""
        WITH old AS MATERIALIZED (
            SELECT session_key, id FROM requests WHERE at < @before ORDER BY at LIMIT @limit{database.Dialect.SkipLocked})
        DELETE FROM requests WHERE (session_key, id) IN (SELECT session_key, id FROM old)
        """);

    public bool HasRoom => database.HasRoom;

    public Task<SessionAddress?> ReadAddressAsync(long key, CancellationToken cancellationToken) => database.ReadAsync(
        t => t.ReadOneAsync(_findAddress, row => (SessionAddress?)Address(row), ("key", key)), cancellationToken);

    public Task<DueWork?> ClaimDueWorkAsync(
        DueWorkKind kind, string owner, DateTimeOffset now, DateTimeOffset latest, TimeSpan lease, CancellationToken cancellationToken) =>
        database.ChangeAsync(
            t => t.ReadOneAsync(
                _claim,
                Work.Read,
                ("owner", owner),
                ("until", now + lease),
                ("too_late", now + lease + ClockSkew.Most),
                ("kind", (short)kind),
                ("now", now),
                ("latest", latest)),
            cancellationToken);

    public async Task<DateTimeOffset?> ReadImportedAtAsync(long key, CancellationToken cancellationToken) =>
        await database.ReadAsync(t => _imports.NewestAsync(t, key), cancellationToken);

    public Task<DueWork?> FindDueWorkAsync(DueWorkKind kind, long key, CancellationToken cancellationToken) =>
        database.ReadAsync(t => t.ReadOneAsync(_find, Work.Read, ("kind", (short)kind), ("key", key)), cancellationToken);

    public Task<bool> DoWorkAsync(DueWork work, int limit, DateTimeOffset rememberSince, CancellationToken cancellationToken) =>
        _steps.DoAsync(work, limit, rememberSince, cancellationToken);

    public Task FinishWorkAsync(
        DueWork work, DateTimeOffset? again, DateTimeOffset ifNoted, CancellationToken cancellationToken) =>
        database.ChangeAsync(
            async t =>
            {
                // What does not go was noted again, which the second statement sees too.
                var ended = again is null ? await t.ExecuteAsync(_end, ("id", work.Id), ("noted", work.Noted)) : 0;
                return ended == 1 ? ended : await t.ExecuteAsync(
                    _postpone, ("noted", work.Noted), ("again", again ?? ifNoted), ("if_noted", ifNoted), ("id", work.Id));
            },
            cancellationToken);

    public Task PutOffWorkAsync(DueWork work, DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        database.ChangeAsync(t => t.ExecuteAsync(_putOff, ("due", dueAt), ("id", work.Id)), cancellationToken);

    public Task BeginWalkAsync(DateTimeOffset dueAt, CancellationToken cancellationToken) =>
        database.ChangeAsync(t => t.InsertAsync(_note, 0, [new FoundWork(0, DueWorkKind.Walk, dueAt)]), cancellationToken);

    public async Task<IReadOnlyList<WalkedSession>> WalkAsync(long after, int limit, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            t => t.ReadAllAsync(
                _findSessions,
                row => new WalkedSession(
                    row.Long(), Address(row), row.OptionalText(), row.Time(), row.OptionalTime(), row.Long(), row.Long(), row.OptionalTime()),
                ("after", after),
                ("limit", limit)),
            cancellationToken);

    public Task AdvanceWalkAsync(DueWork walk, WalkStep step, CancellationToken cancellationToken) => database.ChangeAsync(
        async t =>
        {
            var moved = await t.ExecuteAsync(
                _moveOn, ("next", step.Cursor), ("due", step.DueAt), ("id", walk.Id), ("cursor", walk.Cursor));

            // In one order, so that two silos do not wait for each other.
            return moved == 0 ? 0 : await t.InsertAsync(_note, 0, [.. step.Found.OrderBy(f => f.Key).ThenBy(f => f.Kind)]);
        },
        cancellationToken);

    public Task<int> NoteActivityAsync(IReadOnlyList<long> keys, CancellationToken cancellationToken) =>
        _activity.NoteAsync(keys, cancellationToken);

    public Task<int> MendActivityAsync(long after, long last, CancellationToken cancellationToken) =>
        _activity.MendAsync(after, last, cancellationToken);

    public Task<long?> TrimEventsAsync(
        long key, long after, long newest, DateTimeOffset since, DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        database.SweepAsync(t => _trim.StepAsync(t, key, after, newest, since, now, limit), cancellationToken);

    public Task<int> ForgetRequestsAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.SweepAsync(t => t.ExecuteAsync(_forget, ("before", before), ("limit", limit)), cancellationToken);

    public Task<bool> PurgeAsync(CancellationToken cancellationToken) => database.PurgeAsync(cancellationToken);

    public Task<bool> GiveBackSpaceAsync(CancellationToken cancellationToken) => database.GiveBackSpaceAsync(cancellationToken);

    // A lease that ends much later than one that is given now was given when a clock was ahead, and holds no more.
    private static string First(SqlDialect dialect, string isDue) => $"""
        SELECT work_id FROM due_work
        WHERE kind = @kind AND {isDue} AND (claimed_until IS NULL OR claimed_until <= @now OR claimed_until > @too_late)
        ORDER BY due_at LIMIT 1{dialect.SkipLocked}
        """;

    private static SessionAddress Address(SqlRow row) => new(TenantId.Parse(row.Text()), SessionId.Parse(row.Text()));
}
