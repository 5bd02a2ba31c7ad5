using Forge.Grains.Tests.Encryption;
using Forge.Grains.Tests.History;
using Forge.History.Encryption;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Sqlite;

/// <summary>All that a store must do, of one that encrypts.</summary>
public sealed class SqliteSealedStoreTests : HistoryStoreConformance
{
    private protected override int SealBytes => SealedBytes.Overhead;

    private protected override async Task<IHistoryStore> CreateStoreAsync()
    {
        var store = SqliteTrial.Create(
            new WriterOptions(), TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance, TestKeys.On("a"));
        await store.StartAsync(Cancel);
        return store;
    }
}
