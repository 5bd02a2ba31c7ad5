using Forge.Grains.OrleansStorage;
using Forge.Grains.Tests.Sqlite;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Forge.Grains.Tests.OrleansStorage;

public sealed class SqliteOrleansStorageTests : OrleansStorageContract
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Write_LockedDatabase_FailsAndLeavesNoTransaction()
    {
        var state = StorageHost.State(1);
        await Host.WriteAsync("t/locked", state);
        await using (var other = new SqliteConnection(OrleansSchema.SqliteConnectionString(_folder.Path)))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = other.BeginTransaction(deferred: false);
            var failures = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
                Record.ExceptionAsync(() => Task.Run(() => Host.WriteAsync("t/locked", state))).AsTask()));
            Assert.All(failures, failure => Assert.IsType<SqliteException>(failure!.GetBaseException()));
        }

        // A connection with a transaction left open would refuse these, or keep the others waiting.
        for (var i = 0; i < 20; i++)
        {
            await Host.WriteAsync("t/locked", state);
        }

        Assert.Equal("21", (await Host.ReadAsync("t/locked")).ETag);
    }

    [Fact]
    public async Task Ensure_Again_KeepsWhatIsThere()
    {
        await Host.WriteAsync("t/again", StorageHost.State(5));
        await OrleansSchema.EnsureSqliteAsync(_folder.Path, allowUnsafeDurability: false, TestContext.Current.CancellationToken);

        Assert.Equal(5, (await Host.ReadAsync("t/again")).State!.Settings.MaxStateBytes);
    }

    private protected override async Task<StorageHost> StartHostAsync()
    {
        await OrleansSchema.EnsureSqliteAsync(_folder.Path, allowUnsafeDurability: false, TestContext.Current.CancellationToken);

        // The shortest wait there is, so that tests of a locked database need not be long.
        var connectionString = new SqliteConnectionStringBuilder(OrleansSchema.SqliteConnectionString(_folder.Path)) { DefaultTimeout = 1 };
        return await StorageHost.StartAsync(OrleansSchema.SqliteInvariant, connectionString.ToString());
    }

    private protected override Task CleanUpAsync()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
        return Task.CompletedTask;
    }
}
