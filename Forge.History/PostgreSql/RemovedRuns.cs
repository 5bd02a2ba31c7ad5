using Forge.History.Chain;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The records of removed positions.</summary>
internal static class RemovedRuns
{
    public const string Columns = "r.first_position, r.last_position, r.creates, r.bytes, r.last_sequence, r.chain, r.seal";

    /// <summary>Apart from the locks that others take for a number: "runs" in ASCII, moved to the front.</summary>
    private const long LockSpace = 0x72756E7300000000;

    private const string Touching = $"""
        SELECT DISTINCT {Columns} FROM unnest($2::bigint[], $3::bigint[]) AS x (first, last)
        JOIN removed_runs r ON r.session_key = $1 AND (r.first_position = x.last + 1 OR r.first_position = (
            SELECT b.first_position FROM removed_runs b
            WHERE b.session_key = $1 AND b.first_position < x.first AND b.last_position = x.first - 1
            ORDER BY b.first_position DESC LIMIT 1))
        """;

    /// <summary>
    /// Leaves runs for positions whose rows the caller has removed in the same transaction, and merges neighbours. Whoever
    /// removes rows of checkpoints or events calls it, last in its transaction; it waits for others of the same session.
    /// </summary>
    /// <param name="connection">The connection, in a transaction that is READ COMMITTED.</param>
    /// <param name="key">The session.</param>
    /// <param name="links">What this transaction removed, and no other; imported rows of position 0 leave nothing.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task LeaveAsync(
        NpgsqlConnection connection, long key, IReadOnlyList<RemovedLink> links, CancellationToken cancellationToken)
    {
        var left = RemovedRun.Merge([], links);
        if (left.Count == 0)
        {
            return;
        }

        // Two steps may remove rows of one session at once. What one leaves must be seen by the other, or neighbours would
        // not be merged.
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection))
        {
            hold.Parameters.AddValue(LockSpace ^ key);
            await hold.ExecuteNonQueryAsync(cancellationToken);
        }

        var touching = new List<RemovedRun>();
        await using (var read = new NpgsqlCommand(Touching, connection))
        {
            read.Parameters.AddValue(key);
            read.Parameters.AddColumn(left, r => r.FirstPosition);
            read.Parameters.AddColumn(left, r => r.LastPosition);
            await using var reader = await read.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                touching.Add(Read(reader));
            }
        }

        await WriteAsync(connection, key, touching, RemovedRun.Merge([.. touching, .. left], []), cancellationToken);
    }

    public static RemovedRun Read(NpgsqlDataReader reader) => new(
        reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
        reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5), reader.GetInt64(6));

    private static async Task WriteAsync(
        NpgsqlConnection connection,
        long key,
        List<RemovedRun> before,
        List<RemovedRun> after,
        CancellationToken cancellationToken)
    {
        await using var statements = new NpgsqlBatch(connection);
        var drop = new NpgsqlBatchCommand("DELETE FROM removed_runs WHERE session_key = $1 AND first_position = ANY ($2)");
        drop.Parameters.AddValue(key);
        drop.Parameters.AddColumn(before, r => r.FirstPosition);
        statements.BatchCommands.Add(drop);
        var add = new NpgsqlBatchCommand("""
            INSERT INTO removed_runs (session_key, first_position, last_position, creates, bytes, last_sequence, chain, seal)
            SELECT $1, x.* FROM unnest(
                $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[], $8::bigint[]) AS x
            """);
        add.Parameters.AddValue(key);
        add.Parameters.AddColumn(after, r => r.FirstPosition);
        add.Parameters.AddColumn(after, r => r.LastPosition);
        add.Parameters.AddColumn(after, r => r.Creates);
        add.Parameters.AddColumn(after, r => r.Bytes);
        add.Parameters.AddColumn(after, r => r.LastSequence);
        add.Parameters.AddColumn(after, r => r.Chain);
        add.Parameters.AddColumn(after, r => r.Seal);
        statements.BatchCommands.Add(add);
        await statements.ExecuteNonQueryAsync(cancellationToken);
    }
}
