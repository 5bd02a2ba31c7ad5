using System.Data.Common;
using Forge.Grains.Tests.Encryption;
using Forge.History.Encryption;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class PostgreSqlSealedHistoryTests : SealedHistory
{
    private string? _database;

    private protected override string Tables => "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";

    private protected override async Task<IHistoryStore> OpenAsync(SealSettings sealing)
    {
        _database ??= await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = new PostgreSqlHistoryStore(
            _database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance, sealing);
        await store.StartAsync(Cancel);
        return store;
    }

    private protected override async Task<DbConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(Cancel);
        return connection;
    }

    private protected override async Task<IReadOnlyList<byte[]>> FilesAsync()
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(Cancel);
        await using (var write = new NpgsqlCommand("CHECKPOINT", connection))
        {
            await write.ExecuteNonQueryAsync(Cancel);
        }

        // Tables, their indexes and what is kept beside them, but for those of the server's own.
        await using var read = new NpgsqlCommand(
            "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't') AND oid >= 16384", connection);
        await using var reader = await read.ExecuteReaderAsync(Cancel);
        var files = new List<byte[]>();
        while (await reader.ReadAsync(Cancel))
        {
            files.Add(reader.GetFieldValue<byte[]>(0));
        }

        Assert.NotEmpty(files);
        return files;
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
