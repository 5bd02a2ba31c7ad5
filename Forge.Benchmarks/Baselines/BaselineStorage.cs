using Forge.Benchmarks.Silos;
using Forge.Grains.Hosting;
using Forge.Grains.OrleansStorage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Storage;

namespace Forge.Benchmarks.Baselines;

/// <summary>Stock AdoNet grain storage on the database of a silo, with Forge's hardened SQL and Orleans' binary format.</summary>
internal static class BaselineStorage
{
    public const string Name = "baseline";

    public static ISiloBuilder AddBaselineStorage(this ISiloBuilder silo, SiloSettings settings) =>
        silo.AddAdoNetGrainStorage(Name, storage => storage.Configure<Serializer>((options, serializer) =>
        {
            options.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
            (options.Invariant, options.ConnectionString) = settings.Database == ForgeDatabase.PostgreSql
                ? (OrleansSchema.PostgreSqlInvariant, settings.Place)
                : (OrleansSchema.SqliteInvariant, OrleansSchema.SqliteConnectionString(settings.Place));
        }));
}
