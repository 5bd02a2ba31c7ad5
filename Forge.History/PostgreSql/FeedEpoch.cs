using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// Tells if the rows of the feed were numbered by another database cluster, as after a dump was restored into a new one: then what is
/// committed from now on would stand before them. They go, and a new epoch begins, by which cursors of before are refused.
/// </summary>
internal static class FeedEpoch
{
    // No index leads by the transaction: the newest row of each tenant is looked at, by going from one tenant to the next.
    private const string IsForeign = """
        WITH RECURSIVE tenants AS (
            (SELECT f.tenant FROM feed f ORDER BY f.tenant LIMIT 1)
            UNION ALL
            SELECT (SELECT f.tenant FROM feed f WHERE f.tenant > t.tenant ORDER BY f.tenant LIMIT 1) FROM tenants t WHERE t.tenant IS NOT NULL
        ), newest AS (
            SELECT (SELECT f.tx FROM feed f WHERE f.tenant = t.tenant ORDER BY f.tx DESC LIMIT 1) AS tx FROM tenants t WHERE t.tenant IS NOT NULL
            UNION ALL
            SELECT m.tx FROM feed_marks m
        )
        SELECT coalesce(max(tx) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false) FROM newest
        """;

    /// <summary>Looks, and begins a new epoch if it must. The caller holds the lock of those that start.</summary>
    /// <returns>The new epoch; null if all is as it was.</returns>
    public static async Task<long?> RaiseIfForeignAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using (var look = new NpgsqlCommand(IsForeign, connection))
        {
            if (await look.ExecuteScalarAsync(cancellationToken) is not true)
            {
                return null;
            }
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var raise = new NpgsqlCommand(
            "UPDATE feed_state SET epoch = epoch + 1 RETURNING epoch", connection, transaction);
        var epoch = (long)(await raise.ExecuteScalarAsync(cancellationToken))!;
        await using var clear = new NpgsqlCommand("TRUNCATE feed, feed_marks", connection, transaction);
        await clear.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return epoch;
    }
}
