using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Forge.Identity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>What tests of one store on one database of its own share.</summary>
public abstract class PostgreSqlStoreTest : IAsyncDisposable
{
    private readonly List<IHistoryStore> _stores = [];

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected IHistoryStore NewStore(string database, WriterOptions? options = null, bool allowUnsafeDurability = false)
    {
        var store = new PostgreSqlHistoryStore(
            database, options ?? new WriterOptions(), allowUnsafeDurability, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance);
        _stores.Add(store);
        return store;
    }

    private protected async Task<IHistoryStore> StartStoreAsync(string database, WriterOptions? options = null)
    {
        var store = NewStore(database, options);
        await store.StartAsync(Cancel);
        return store;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }
    }

    private protected static SessionScript Session(IHistoryStore store, string session) =>
        new(store, HistoryRows.Address(session));

    private protected static async Task<CommitStatus> FindOutAsync(IHistoryStore store, CommitBatch batch) =>
        Assert.Single(await store.Commits.FindOutAsync(batch, Cancel)).Status;

    private protected static async Task<IEnumerable<long>> SequencesAsync(IHistoryStore store, SessionAddress address) =>
        (await store.Reads.ListAsync(address, new ListFilter { Limit = 100 }, Cancel)).Value.Select(r => r.Sequence);

    /// <summary>Makes every insert of a checkpoint of that message take as long as it is let.</summary>
    private protected static Task HoldCreatesAsync(string database, string message) => PostgreSqlServer.ExecuteAsync(database, $"""
        CREATE FUNCTION hold_create() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN new; END $$;
        CREATE TRIGGER hold_create BEFORE INSERT ON checkpoints FOR EACH ROW WHEN (new.message = '{message}')
            EXECUTE FUNCTION hold_create();
        """);

    /// <summary>Waits until a server process waits for something, and says which; the server does the waiting between looks.</summary>
    private protected static async Task<int> WaitForBackendAsync(string database, string waitEvent)
    {
        while (true)
        {
            var found = await PostgreSqlServer.ExecuteAsync(database, $"""
                SELECT pid FROM (SELECT pg_sleep(0.02)) nap, pg_stat_activity
                WHERE datname = current_database() AND wait_event = '{waitEvent}' AND application_name LIKE 'forge%'
                """);
            if (found is int process)
            {
                return process;
            }
        }
    }
}
