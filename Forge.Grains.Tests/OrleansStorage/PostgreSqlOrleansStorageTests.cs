using Forge.Grains.OrleansStorage;
using Forge.Grains.Tests.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Forge.Grains.Tests.OrleansStorage;

public sealed class PostgreSqlOrleansStorageTests : OrleansStorageContract
{
    private string _database = "";

    [Fact]
    public async Task Ensure_ManyAtOnce_AllSucceedAndKeepWhatIsThere()
    {
        await Host.WriteAsync("t/again", StorageHost.State(5));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            OrleansSchema.EnsurePostgreSqlAsync(_database, TestContext.Current.CancellationToken)));

        Assert.Equal(5, (await Host.ReadAsync("t/again")).State!.Settings.MaxStateBytes);
    }

    [Fact]
    public async Task Ensure_ManyAtOnceOnAnEmptyDatabase_AllSucceed()
    {
        var empty = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            OrleansSchema.EnsurePostgreSqlAsync(empty, TestContext.Current.CancellationToken)));

        Assert.Equal(13L, await PostgreSqlServer.ExecuteAsync(empty, "SELECT count(*) FROM orleansquery"));
        await PostgreSqlServer.Shared.DropDatabaseAsync(empty);
    }

    [Fact]
    public async Task Clustering_TwoSilos_SeeEachOtherAndOneThatLeft()
    {
        await using var first = await StorageHost.StartAsync(OrleansSchema.PostgreSqlInvariant, _database, clustered: true);
        var second = await StorageHost.StartAsync(OrleansSchema.PostgreSqlInvariant, _database, clustered: true);
        var management = first.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        Assert.Equal(2, (await management.GetHosts(onlyActive: true)).Count);

        await second.DisposeAsync();
        Assert.Single(await management.GetHosts(onlyActive: true));
        var hosts = await management.GetDetailedHosts(onlyActive: false);
        Assert.Equal([SiloStatus.Active, SiloStatus.Dead], hosts.Select(host => host.Status).Order());
        Assert.All(hosts, host => Assert.NotEqual(default, host.StartTime));
    }

    [Fact]
    public async Task Membership_RacingChanges_UseEachVersionOnce()
    {
        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            StorageHost.StartAsync(OrleansSchema.PostgreSqlInvariant, _database, clustered: true)));
        var tables = silos.Select(silo => silo.Services.GetRequiredService<IMembershipTable>()).ToArray();
        var stop = TestContext.Current.CancellationToken;
        var read = await tables[0].ReadAllAsync(stop);
        Assert.Equal(3, read.Members.Count(member => member.Item1.Status == SiloStatus.Active));

        var (entry, tag) = read.Members[0];
        var updated = await Task.WhenAll(tables.Select(table => table.UpdateRowAsync(entry, tag, read.Version.Next(), stop)));
        Assert.Single(updated, won => won);

        var turned = await tables[1].ReadAllAsync(stop);
        Assert.Equal(read.Version.Version + 1, turned.Version.Version);
        Assert.False(await tables[2].InsertRowAsync(entry, turned.Version.Next(), stop));
        Assert.Equal(turned.Version.Version, (await tables[2].ReadAllAsync(stop)).Version.Version);
        await Task.WhenAll(silos.Select(silo => silo.DisposeAsync().AsTask()));
    }

    private protected override async Task<StorageHost> StartHostAsync()
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await OrleansSchema.EnsurePostgreSqlAsync(_database, TestContext.Current.CancellationToken);
        return await StorageHost.StartAsync(OrleansSchema.PostgreSqlInvariant, _database);
    }

    private protected override Task CleanUpAsync() =>
        _database.Length == 0 ? Task.CompletedTask : PostgreSqlServer.Shared.DropDatabaseAsync(_database);
}
