using System.IO.Compression;
using Forge.Grains.Tests.History.Migrations;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Sqlite;

/// <summary>The files of earlier SQLite databases, as they were when their silos had closed them.</summary>
public sealed class SqliteMigrationTests : MigrationContract
{
    private readonly TemporaryFolder _folder = new();

    protected override async Task LoadAsync(string fixture)
    {
        await using var compressed = File.OpenRead(RecordedDatabase.PathOf($"{fixture}.sqlite.gz"));
        await using var content = new GZipStream(compressed, CompressionMode.Decompress);
        await using var file = File.Create(Path.Combine(_folder.Path, SqliteHistoryStore.FileName));
        await content.CopyToAsync(file, TestContext.Current.CancellationToken);
    }

    private protected override async Task<IHistoryStore> StartStoreAsync()
    {
        var store = new SqliteHistoryStore(
            _folder.Path, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance);
        await store.StartAsync(TestContext.Current.CancellationToken);
        return store;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
