using Forge.Checkpoints;
using Forge.Grains.Tests.History;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;

namespace Forge.Grains.Tests.Sqlite;

public sealed class SqliteListTests : IDisposable
{
    private const int Rows = 3000;
    private const int OperationsPerCall = 100;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_BoundInTimeOrByATrigger_DoesNotWalkTheSession(bool tagged)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var store = new SqliteHistoryStore(
            _folder.Path, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System,
            NullLogger<SqliteHistoryStore>.Instance);
        await store.StartAsync(cancel);
        var script = new SessionScript(store, HistoryRows.Address("s"));
        await script.CreateAsync([.. HistoryRows.Checkpoints(1, Rows).Select(r => r with { Tags = ["t"] })]);
        var rows = new ListFilter { Limit = 3, Tag = tagged ? "t" : null };
        var last = rows with { From = HistoryRows.Start.AddSeconds(Rows - 1), Order = ListOrder.OldestFirst };
        var first = rows with { To = HistoryRows.Start.AddSeconds(2), Order = ListOrder.NewestFirst };

        using var database = SqliteDatabase.Open(
            Path.Combine(_folder.Path, SqliteHistoryStore.FileName), SqliteOpenMode.ReadOnly, TimeSpan.FromSeconds(1));
        var calls = 0;
        raw.sqlite3_progress_handler(
            database.Handle,
            OperationsPerCall,
            _ =>
            {
                calls++;
                return 0;
            },
            null);
        var session = SqliteRows.Session(database, script.Address);
        Assert.Equal([Rows - 1, Rows], SqliteHistoryStore.List(database, session, last).Select(r => r.Sequence));
        Assert.Equal([2, 1], SqliteHistoryStore.List(database, session, first).Select(r => r.Sequence));
        var error = rows with { Trigger = CheckpointTrigger.Error, MostLooked = 50 };
        Assert.Equal(Rows - 49, SqliteHistoryStore.List(database, session, error).GoesOnAfter);

        // A walk takes several operations of the database for each row.
        Assert.InRange(calls, 1, Rows / OperationsPerCall);
    }
}
