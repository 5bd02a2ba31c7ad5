using Forge.Grains.Hosting;

namespace Forge.Benchmarks.Silos;

/// <summary>Which database a silo of the benchmark works on, and in which cluster it is.</summary>
internal sealed record SiloSettings(ForgeDatabase Database, string Place, string Cluster)
{
    private const string ServiceId = "forge-benchmarks";

    /// <summary>A silo on SQLite in a folder.</summary>
    public static SiloSettings Sqlite(string folder) => new(ForgeDatabase.Sqlite, folder, NewCluster());

    /// <summary>A silo on a PostgreSQL database.</summary>
    public static SiloSettings PostgreSql(string connectionString) => new(ForgeDatabase.PostgreSql, connectionString, NewCluster());

    public void Apply(ForgeOptions options)
    {
        (options.SiloPort, options.GatewayPort) = (0, 0);
        (options.ClusterId, options.ServiceId) = (Cluster, ServiceId);
        options.Database = Database;
        if (Database == ForgeDatabase.PostgreSql)
        {
            options.ConnectionString = Place;
        }
        else
        {
            options.Data = Place;
        }
    }

    /// <summary>The same as the arguments of the program that serves HTTP.</summary>
    public string[] Arguments() =>
    [
        "--Forge:ClusterId", Cluster, "--Forge:ServiceId", ServiceId, "--Forge:Database", $"{Database}",
        Database == ForgeDatabase.PostgreSql ? "--Forge:ConnectionString" : "--Forge:Data", Place,
    ];

    private static string NewCluster() => $"bench-{Guid.NewGuid():N}";
}
