using Forge.Grains.Tests.History.Migrations;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>Dumps of earlier PostgreSQL databases as SQL, without the tables that are Orleans' own.</summary>
public sealed class PostgreSqlMigrationTests : MigrationContract
{
    private string? _database;

    protected override async Task LoadAsync(string fixture)
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await PostgreSqlServer.ExecuteAsync(_database, await File.ReadAllTextAsync(
            RecordedDatabase.PathOf($"{fixture}.postgresql.sql"), TestContext.Current.CancellationToken));
    }

    private protected override async Task<IHistoryStore> StartStoreAsync()
    {
        var store = new PostgreSqlHistoryStore(
            _database!, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System,
            NullLogger<PostgreSqlHistoryStore>.Instance);
        await store.StartAsync(TestContext.Current.CancellationToken);
        return store;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
        }
    }
}
