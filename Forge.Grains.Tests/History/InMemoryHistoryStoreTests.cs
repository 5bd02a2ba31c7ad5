using Forge.History.InMemory;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public sealed class InMemoryHistoryStoreTests : HistoryStoreConformance
{
    private protected override async Task<IHistoryStore> CreateStoreAsync()
    {
        var store = new InMemoryHistoryStore();
        await store.StartAsync(Cancel);
        return store;
    }
}
