using Forge.Grains.Tests.History;
using Forge.History.Encryption;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

public class PostgreSqlHistoryStoreTests : HistoryStoreConformance
{
    private string? _database;

    /// <summary>How the store encrypts.</summary>
    private protected virtual SealSettings Sealing => SealSettings.None;

    private protected override async Task<IHistoryStore> CreateStoreAsync()
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = new PostgreSqlHistoryStore(
            _database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance,
            Sealing);
        await store.StartAsync(Cancel);
        return store;
    }

    /// <summary>Transactions of other tests on the server hold all feeds back.</summary>
    private protected override async Task<IFeed> FeedOfNowAsync()
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(Cancel);
        await using var newest = new NpgsqlCommand("SELECT pg_current_xact_id()::text", connection);
        var reached = (string)(await newest.ExecuteScalarAsync(Cancel))!;
        await using var passed = new NpgsqlCommand(
            $"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > {reached}", connection);
        while (await passed.ExecuteScalarAsync(Cancel) is not true)
        {
        }

        return await base.FeedOfNowAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        if (_database is not null)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
        }
    }
}
