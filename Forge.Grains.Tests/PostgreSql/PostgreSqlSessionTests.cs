using Forge.Grains.Hosting;
using Forge.Grains.Tests.Sessions;
using Forge.Identity;
using Forge.Sessions;
using Orleans.Runtime;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>Two silos on one PostgreSQL database.</summary>
public sealed class PostgreSqlClusterFixture : ClusterFixture
{
    public string? Database { get; private set; }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Database is not null)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(Database);
        }
    }

    internal override async Task<ClusterSetup> PrepareAsync()
    {
        Database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        return new ClusterSetup(2, On(Database));
    }

    internal static Action<ForgeOptions> On(string database) =>
        options => (options.Database, options.ConnectionString) = (ForgeDatabase.PostgreSql, database);
}

public sealed class PostgreSqlSessionBehaviours(PostgreSqlClusterFixture fixture)
    : SessionBehaviours(fixture), IClassFixture<PostgreSqlClusterFixture>
{
    [Fact]
    public async Task Sessions_OfOneClient_AreSpreadOverTheSilos()
    {
        var places = new List<SiloAddress>();
        for (var i = 0; i < 100; i++)
        {
            places.Add(await PlaceAsync(fixture.Cluster.Grains));
        }

        Assert.All(fixture.Cluster.Cluster.Silos, silo => Assert.InRange(places.Count(place => place.Equals(silo.SiloAddress)), 20, 80));
    }

    /// <summary>The silo of a session that is called for the first time.</summary>
    private static async Task<SiloAddress> PlaceAsync(IGrainFactory grains)
    {
        var session = grains.GetGrain<ISessionGrain>(new SessionAddress(TenantId.Default, SessionId.Parse(Make.Id())).ToGrainKey());
        await session.GetInfoAsync();
        return await grains.GetGrain<IManagementGrain>(0).GetActivationAddress((IAddressable)session)
            ?? throw new InvalidOperationException("It lives nowhere.");
    }
}

public sealed class PostgreSqlSessionContract(PostgreSqlClusterFixture fixture)
    : SessionContract(fixture), IClassFixture<PostgreSqlClusterFixture>;

public sealed class PostgreSqlSessionIntegrity(PostgreSqlClusterFixture fixture)
    : SessionIntegrity(fixture), IClassFixture<PostgreSqlClusterFixture>
{
    protected override Task ExecuteAsync(string sql) => PostgreSqlServer.ExecuteAsync(fixture.Database!, sql);

    protected override string Bytes(byte[] bytes) => $"'\\x{Convert.ToHexString(bytes)}'::bytea";
}

public sealed class PostgreSqlSessionFaults : SessionFaults, IAsyncDisposable
{
    private readonly List<string> _databases = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(database);
        }
    }

    internal override async Task<Action<ForgeOptions>> NewDatabaseAsync()
    {
        _databases.Add(await PostgreSqlServer.Shared.CreateDatabaseAsync());
        return PostgreSqlClusterFixture.On(_databases[^1]);
    }
}
