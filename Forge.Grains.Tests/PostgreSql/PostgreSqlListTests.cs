using Forge.Checkpoints;
using Forge.Grains.Tests.History;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Forge.Identity;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class PostgreSqlListTests : PostgreSqlStoreTest
{
    private const int Rows = 3000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_BoundInTime_DoesNotWalkTheSession(bool tagged)
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var session = Session(await StartStoreAsync(connectionString), "s");
        await session.CreateAsync([.. HistoryRows.Checkpoints(1, Rows).Select(r => r with { Tags = ["t"] })]);
        await PostgreSqlServer.ExecuteAsync(connectionString, "ANALYZE");
        var rows = new ListFilter { Limit = 3, Tag = tagged ? "t" : null };
        var last = rows with { From = HistoryRows.Start.AddSeconds(Rows - 1), Order = ListOrder.OldestFirst };
        var first = rows with { To = HistoryRows.Start.AddSeconds(2), Order = ListOrder.NewestFirst };

        var (found, read) = await ReadAsync(connectionString, session.Address, last, first);

        Assert.Equal([Rows - 1, Rows, 2, 1], found);
        Assert.InRange(read, 4, 100);
    }

    [Fact]
    public async Task List_TriggerThatNoneHas_ReadsABoundedPart()
    {
        var connectionString = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var session = Session(await StartStoreAsync(connectionString), "s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, Rows));
        await PostgreSqlServer.ExecuteAsync(connectionString, "VACUUM ANALYZE");
        var filter = new ListFilter { Limit = 3, Trigger = CheckpointTrigger.Error, MostLooked = 50 };

        var (found, read) = await ReadAsync(
            connectionString, session.Address, filter, filter with { Order = ListOrder.OldestFirst });

        Assert.Empty(found);
        Assert.InRange(read, 100, 600);
    }

    /// <summary>Lists, and says how many rows of checkpoints and of their indexes were read for it.</summary>
    private static async Task<(List<long> Found, long Read)> ReadAsync(
        string connectionString, SessionAddress address, params ListFilter[] filters)
    {
        await using var database = new PostgreSqlDatabase(connectionString, new WriterOptions(), allowUnsafeDurability: false);
        await using var connection = await database.Reads.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        var found = new List<long>();
        foreach (var filter in filters)
        {
            found.AddRange((await HistoryReads.ListAsync(connection, address, filter, Cancel)).Value.Select(r => r.Sequence));
        }

        // What this transaction has read so far of the table: by its indexes, by bitmaps, by scans.
        await using var look = new NpgsqlCommand(
            """
            SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid))::bigint
                + pg_stat_get_xact_tuples_fetched(i.indrelid) + pg_stat_get_xact_tuples_returned(i.indrelid)
            FROM pg_index i WHERE i.indrelid = 'checkpoints'::regclass GROUP BY i.indrelid
            """,
            connection);
        return (found, (long)(await look.ExecuteScalarAsync(Cancel))!);
    }
}
