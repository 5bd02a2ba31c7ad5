using Forge.Grains.Tests.History;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class PostgreSqlHistoryStoreTests : HistoryStoreConformance
{
    private string? _database;

    private protected override async Task<IHistoryStore> CreateStoreAsync()
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = new PostgreSqlHistoryStore(
            _database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance);
        await store.StartAsync(Cancel);
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
