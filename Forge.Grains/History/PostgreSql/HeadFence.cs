using Forge.Grains.Integrity;
using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>
/// The statement of the hot path: fences the head rows of a batch by their versions, moves on those that pass, adds those
/// of new sessions, and inserts the checkpoints of the sessions that passed. One statement, so one round trip.
/// </summary>
internal static class HeadFence
{
    public const short Passed = 0;
    public const short Behind = 1;
    public const short LockedElsewhere = 2;

    private const string HeadColumns =
        "incarnation, version, last_batch, created_at, last_created_at, last_sequence, head_sequence, current_sequence, " +
        "last_position, checkpoint_count, checkpoint_bytes, settings, origin_key, origin_sequence, chain, deleted_at, seal";

    private const string HeadValues =
        "i.incarnation, i.expected + 1, $1, i.created_at, i.last_created_at, i.last_sequence, i.head_sequence, " +
        "i.current_sequence, i.last_position, i.checkpoint_count, i.checkpoint_bytes, i.settings, i.origin_key, " +
        "i.origin_sequence, i.chain, i.deleted_at, i.seal";

    private const int HeadParameters = 20;

    // By primary key, in the order of the keys (the planner is left no other way), so that two batches never wait for each
    // other. A row that is locked elsewhere is waited for; once it is free, its newest version is what is compared.
    private const string MovedWaiting = $"""
        moved AS (
            UPDATE sessions s SET ({HeadColumns}) = ROW ({HeadValues})
            FROM input i WHERE s.session_key = i.session_key AND s.version = i.expected AND i.expected > 0
            RETURNING s.session_key
        )
        """;

    // The same, but a row that is locked elsewhere is left out, so that it does not hold up its neighbours. What passes is
    // found again by its address, which the lock pins.
    private const string MovedSkipping = $"""
        locked AS MATERIALIZED (
            SELECT i.*, held.address
            FROM input i CROSS JOIN LATERAL (
                SELECT s.ctid AS address FROM sessions s
                WHERE s.session_key = i.session_key AND s.version = i.expected
                FOR UPDATE SKIP LOCKED) held
            WHERE i.expected > 0
        ), moved AS (
            UPDATE sessions s SET ({HeadColumns}) = ROW ({HeadValues})
            FROM locked i WHERE s.ctid = i.address
            RETURNING s.session_key
        )
        """;

    private static readonly string Waiting = Statement(MovedWaiting, whereAsExpected: Behind);
    private static readonly string Skipping = Statement(MovedSkipping, whereAsExpected: LockedElsewhere);

    // added: in the order of the names, since two silos may add the same names under other keys and wait for each other.
    // (... IN ...) IS TRUE: kept from becoming a join, so that it is a look-up in a hashed list.
    private static string Statement(string moved, short whereAsExpected) => $"""
        WITH input AS MATERIALIZED (
            SELECT unnest($2::bigint[]) AS session_key, unnest($3::text[]) AS tenant, unnest($4::text[]) AS session,
                unnest($5::bigint[]) AS expected, unnest($6::integer[]) AS incarnation, unnest($7::timestamptz[]) AS created_at,
                unnest($8::timestamptz[]) AS last_created_at, unnest($9::bigint[]) AS last_sequence,
                unnest($10::bigint[]) AS head_sequence, unnest($11::bigint[]) AS current_sequence,
                unnest($12::bigint[]) AS last_position, unnest($13::bigint[]) AS checkpoint_count,
                unnest($14::bigint[]) AS checkpoint_bytes, unnest($15::text[]) AS settings, unnest($16::bigint[]) AS origin_key,
                unnest($17::bigint[]) AS origin_sequence, unnest($18::bytea[]) AS chain, unnest($19::timestamptz[]) AS deleted_at,
                unnest($20::bigint[]) AS seal, generate_subscripts($2::bigint[], 1) AS place
        ), {moved}, added AS (
            INSERT INTO sessions (session_key, tenant, session, {HeadColumns})
            SELECT i.session_key, i.tenant, i.session, {HeadValues} FROM input i
            WHERE i.expected = 0 ORDER BY i.tenant, i.session
            ON CONFLICT DO NOTHING
            RETURNING session_key
        ), passed AS (
            SELECT session_key FROM moved UNION ALL SELECT session_key FROM added
        ), created AS (
            {CheckpointInsert.Into} {CheckpointInsert.SelectFrom(HeadParameters + 1)}
            WHERE (c.session_key IN (SELECT session_key FROM passed)) IS TRUE
        )
        SELECT CASE
            WHEN (i.session_key IN (SELECT session_key FROM passed)) IS TRUE THEN {Passed}
            WHEN (SELECT s.version FROM sessions s WHERE s.session_key = i.session_key) = i.expected THEN {whereAsExpected}
            ELSE {Behind} END::smallint
        FROM input i ORDER BY i.place
        """;

    /// <param name="batch">The batch; its id is what the rows that pass will name.</param>
    /// <param name="skipLocked">True to leave out head rows that are locked elsewhere; false to wait for them.</param>
    public static NpgsqlBatchCommand Command(CommitBatch batch, bool skipLocked)
    {
        var commits = batch.Commits;
        var command = new NpgsqlBatchCommand(skipLocked ? Skipping : Waiting);
        var parameters = command.Parameters;
        parameters.AddValue(batch.Id);
        parameters.AddColumn(commits, c => c.Head.Key);
        parameters.AddColumn(commits, c => c.ExpectedVersion == 0 ? c.Address.Tenant.Value : "");
        parameters.AddColumn(commits, c => c.ExpectedVersion == 0 ? c.Address.Session.Value : "");
        parameters.AddColumn(commits, c => c.ExpectedVersion);
        parameters.AddColumn(commits, c => c.Head.Incarnation);
        parameters.AddTimes(commits, c => c.Head.CreatedAt);
        parameters.AddTimes(commits, c => c.Head.LastCreatedAt);
        parameters.AddColumn(commits, c => c.Head.LastSequence);
        parameters.AddColumn(commits, c => c.Head.Head);
        parameters.AddColumn(commits, c => c.Head.Current);
        parameters.AddColumn(commits, c => c.Head.LastPosition);
        parameters.AddColumn(commits, c => c.Head.Count);
        parameters.AddColumn(commits, c => c.Head.Bytes);
        parameters.AddColumn(commits, c => c.Head.Settings);
        parameters.AddColumn(commits, c => c.Head.OriginKey);
        parameters.AddColumn(commits, c => c.Head.OriginSequence);
        parameters.AddColumn(commits, c => c.Head.Chain);
        parameters.AddTimes(commits, c => c.Head.DeletedAt);
        parameters.AddColumn(commits, c => RowSeal.OfHead(c.Address, c.Head, batch.Id));
        CheckpointInsert.AddParameters(parameters, CheckpointInsert.Rows(commits, c => c.Head.Key, c => c.Creates));
        return command;
    }
}
