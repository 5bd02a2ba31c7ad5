using System.Data.Common;
using Forge.Grains.Tests.Integrity;
using Forge.History.Encryption;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Sqlite;

public class SqliteTamperingTests : StoredTampering
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>How the store encrypts.</summary>
    private protected virtual SealSettings Sealing => SealSettings.None;

    private protected override async Task<IHistoryStore> CreateStoreAsync()
    {
        var store = new SqliteHistoryStore(
            _folder.Path, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance)
        {
            Sealing = Sealing,
        };
        await store.StartAsync(Cancel);
        return store;
    }

    private protected override async Task<DbConnection> ConnectAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "forge.db")};Pooling=False");
        await connection.OpenAsync(Cancel);
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
