using System.Globalization;
using Forge.Grains.Liveness;
using Forge.Grains.OrleansStorage;
using Forge.Grains.Tests.PostgreSql;
using Npgsql;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Liveness;

/// <summary>A database with the membership table of a cluster, in which a test writes whom it has.</summary>
internal sealed class ClusterDatabase : IAsyncDisposable
{
    private const string Cluster = "a cluster's id";

    private ClusterDatabase(string connectionString) => ConnectionString = connectionString;

    public string ConnectionString { get; }

    public static async Task<ClusterDatabase> CreateAsync()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await OrleansSchema.EnsurePostgreSqlAsync(database, TestContext.Current.CancellationToken);
        return new ClusterDatabase(database);
    }

    public SiloPresence Presence(SiloAddress silo, TimeProvider? time = null) =>
        new(ConnectionString, Cluster, silo, time ?? TimeProvider.System);

    /// <summary>Writes a silo into the membership table that was present and is not any more.</summary>
    public async Task AddLostAsync(SiloAddress silo)
    {
        await AddAsync(SiloStatus.Active, silo);
        await using var presence = Presence(silo);
        await presence.FindAbsentAsync(TestContext.Current.CancellationToken);
        await EndSessionAsync(silo);
    }

    /// <summary>Writes silos into the membership table that have not been present.</summary>
    public async Task AddAsync(SiloStatus status, params SiloAddress[] silos)
    {
        foreach (var silo in silos)
        {
            await PostgreSqlServer.ExecuteAsync(ConnectionString, string.Create(CultureInfo.InvariantCulture, $"""
                INSERT INTO orleansmembershiptable (
                    deploymentid, address, port, generation, siloname, hostname, status, proxyport, starttime, iamalivetime)
                VALUES (
                    '{Cluster.Replace("'", "''", StringComparison.Ordinal)}', '{silo.Endpoint.Address}', {silo.Endpoint.Port},
                    {silo.Generation}, 's', 'h', {(int)status}, 1, now(), now())
                """));
        }
    }

    /// <summary>Ends the session of a silo at the database, as a restart of the server would.</summary>
    public async Task EndSessionAsync(SiloAddress silo)
    {
        var ended = await PostgreSqlServer.ExecuteAsync(
            ConnectionString,
            $"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = 'forge silo {silo.Endpoint}'");
        Assert.Equal(true, ended);
    }

    public async ValueTask DisposeAsync() => await PostgreSqlServer.Shared.DropDatabaseAsync(ConnectionString);
}
