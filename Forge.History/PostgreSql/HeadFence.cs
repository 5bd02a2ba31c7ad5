using Forge.History.Changes;
using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// The statement of the hot path: fences the head rows of a batch by their versions, moves on those that pass, adds those
/// of new sessions, and inserts the checkpoints of the sessions that passed. One statement, so one round trip.
/// </summary>
internal static class HeadFence
{
    public const short Passed = 0;
    public const short Behind = 1;
    public const short LockedElsewhere = 2;

    // By primary key, in the order of the keys (the planner is left no other way), so that two batches never wait for each
    // other. A row that is locked elsewhere is waited for; once it is free, its newest version is what is compared.
    private static readonly string MovedWaiting = $"""
        moved AS (
            UPDATE sessions s SET ({SentHeads.Into}) = ROW ({SentHeads.Values})
            FROM input i WHERE s.session_key = i.session_key AND s.version = i.expected AND i.expected > 0
            RETURNING s.session_key
        )
        """;

    // The same, but a row that is locked elsewhere is left out, so that it does not hold up its neighbours. What passes is
    // found again by its address, which the lock pins.
    private static readonly string MovedSkipping = $"""
        locked AS MATERIALIZED (
            SELECT i.*, held.address
            FROM input i CROSS JOIN LATERAL (
                SELECT s.ctid AS address FROM sessions s
                WHERE s.session_key = i.session_key AND s.version = i.expected
                FOR UPDATE SKIP LOCKED) held
            WHERE i.expected > 0
        ), moved AS (
            UPDATE sessions s SET ({SentHeads.Into}) = ROW ({SentHeads.Values})
            FROM locked i WHERE s.ctid = i.address
            RETURNING s.session_key
        )
        """;

    private static readonly CheckpointStatement Waiting = Statement(MovedWaiting, whereAsExpected: Behind);
    private static readonly CheckpointStatement Skipping = Statement(MovedSkipping, whereAsExpected: LockedElsewhere);

    // added: in the order of the names, since two silos may add the same names under other keys and wait for each other.
    // (... IN ...) IS TRUE: kept from becoming a join, so that it is a look-up in a hashed list.
    private static CheckpointStatement Statement(string moved, short whereAsExpected) => new(insert => new SqlStatement(
        $"""
            WITH input AS MATERIALIZED (
                {SentHeads.Any.Rows}, generate_subscripts({SentHeads.Any.Parameter(SentHeads.Any.Columns[0])}::bigint[], 1) AS place
            ), {moved}, added AS (
                INSERT INTO sessions (session_key, tenant, session, {SentHeads.Into})
                SELECT i.session_key, i.tenant, i.session, {SentHeads.Values} FROM input i
                WHERE i.expected = 0 ORDER BY i.tenant, i.session
                ON CONFLICT DO NOTHING
                RETURNING session_key
            ), passed AS (
                SELECT session_key FROM moved UNION ALL SELECT session_key FROM added
            ), created AS (
                {insert.Into} {insert.Select}
                WHERE (c.session_key IN (SELECT session_key FROM passed)) IS TRUE
            )
            SELECT CASE
                WHEN (i.session_key IN (SELECT session_key FROM passed)) IS TRUE THEN {Passed}
                WHEN (SELECT s.version FROM sessions s WHERE s.session_key = i.session_key) = i.expected THEN {whereAsExpected}
                ELSE {Behind} END::smallint
            FROM input i ORDER BY i.place
            """,
        Dialect.Instance.Prefix,
        [SentHeads.Batch, .. SentHeads.Any.Parameters, .. insert.Any.Parameters]));

    /// <param name="batch">The batch; its id is what the rows that pass will name.</param>
    /// <param name="skipLocked">True to leave out head rows that are locked elsewhere; false to wait for them.</param>
    public static NpgsqlBatchCommand Command(CommitBatch batch, bool skipLocked)
    {
        var rows = CheckpointInsert.Rows(batch.Commits);
        var (text, insert) = (skipLocked ? Skipping : Waiting).For(CheckpointInsert.AreTraced(rows));
        var command = new NpgsqlBatchCommand(text);
        command.Parameters.AddValue(batch.Id);
        SentHeads.Any.AddArrays(command.Parameters, SentHeads.Of(batch));
        insert.Any.AddArrays(command.Parameters, rows);
        return command;
    }
}
