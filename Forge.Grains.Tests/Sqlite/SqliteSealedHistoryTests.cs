using System.Data.Common;
using Forge.Grains.Tests.Encryption;
using Forge.History.Encryption;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Sqlite;

public sealed class SqliteSealedHistoryTests : SealedHistory
{
    private readonly TemporaryFolder _folder = new();

    private protected override string Tables => "SELECT name FROM sqlite_master WHERE type = 'table'";

    private protected override async Task<IHistoryStore> OpenAsync(SealSettings sealing)
    {
        var store = new SqliteHistoryStore(
            _folder.Path, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance)
        {
            Sealing = sealing,
        };
        await store.StartAsync(Cancel);
        return store;
    }

    private protected override async Task<DbConnection> ConnectAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, SqliteHistoryStore.FileName)};Pooling=False");
        await connection.OpenAsync(Cancel);
        return connection;
    }

    private protected override Task<IReadOnlyList<byte[]>> FilesAsync() => Task.FromResult<IReadOnlyList<byte[]>>(
    [
        .. Directory.EnumerateFiles(_folder.Path, "forge.db*").Select(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }),
    ]);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
