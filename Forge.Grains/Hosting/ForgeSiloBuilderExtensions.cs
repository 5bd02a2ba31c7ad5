using Forge.Grains.Connections;
using Forge.Grains.Liveness;
using Forge.Grains.OrleansStorage;
using Forge.Grains.Tenants;
using Forge.History.PostgreSql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;

namespace Forge.Grains.Hosting;

/// <summary>Adds Forge to a silo.</summary>
public static class ForgeSiloBuilderExtensions
{
    /// <summary>
    /// A silo that leaves three of these out has no say in who is dead: the others do not wait for its vote.
    /// </summary>
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    /// <summary>How late a silo learns who is in the cluster if the word of another one did not reach it.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Makes this silo a Forge silo: its history, Orleans' storage and clustering on the same database, and where it
    /// listens. A second call changes nothing. The settings are checked when the host starts.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configure">Changes the settings from their defaults. Run more than once.</param>
    public static ISiloBuilder AddForge(this ISiloBuilder silo, Action<ForgeOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(configure);
        return IsAdded(silo) ? silo : silo.AddForgeGrains(configure).AddForgeCluster(configure);
    }

    /// <summary>
    /// As the other overload, with the settings of section <c>Forge</c> and the connection string <c>Forge</c>.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configuration">The root of the configuration.</param>
    /// <exception cref="InvalidOperationException">A setting cannot be read; the message names it.</exception>
    public static ISiloBuilder AddForge(this ISiloBuilder silo, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return silo.AddForge(options =>
        {
            configuration.GetSection(ForgeOptions.Section).Bind(options);
            options.ConnectionString ??= configuration.GetConnectionString(ForgeOptions.ConnectionStringName);
        });
    }

    /// <summary>
    /// The part of <see cref="AddForge(ISiloBuilder, Action{ForgeOptions})"/> that leaves clustering and endpoints alone,
    /// for test clusters that bring their own.
    /// </summary>
    internal static ISiloBuilder AddForgeGrains(this ISiloBuilder silo, Action<ForgeOptions> configure)
    {
        if (IsAdded(silo))
        {
            return silo;
        }

        var services = silo.Services;
        services.AddSingleton<Marker>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ForgeOptions>, ForgeOptionsValidator>());
        services.AddOptions<ForgeOptions>().Configure(configure).ValidateOnStart();
        services.TryAddSingleton(Part(options => options.Limits));
        services.TryAddSingleton(Part(options => options.Writer));
        services.TryAddSingleton(Part(options => options.Retention));
        services.TryAddSingleton(Part(options => options.Effects));
        services.TryAddSingleton(Part(options => options.Integrity));
        services.TryAddSingleton(Part(options => options.Liveness));
        services.TryAddSingleton(Part(options => options.Streams));
        services.TryAddSingleton(Part(options => options.Feed));
        services.TryAddSingleton(Part(options => options.Quotas));
        services.TryAddSingleton<TenantSettingsRules>();
        services.TryAddSingleton(provider =>
            HistoryStoreFactory.Create(provider, provider.GetRequiredService<IOptions<ForgeOptions>>().Value));
        services.TryAddSingleton<IForgeReadiness, HistoryReadiness>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ForgeStartup>());
        services.AddForgeHistory();
        silo.AddOrleansStorage(Read(configure).Database);
        return silo;
    }

    private static ISiloBuilder AddForgeCluster(this ISiloBuilder silo, Action<ForgeOptions> configure)
    {
        silo.Services.TryAddSingleton<ForgeEndpoints>();
        silo.Services.AddOptions<EndpointOptions>().Configure<ForgeEndpoints>((target, endpoints) =>
        {
            target.AdvertisedIPAddress = endpoints.Advertised;
            target.SiloPort = endpoints.SiloPort;
            target.GatewayPort = endpoints.GatewayPort;
            target.SiloListeningEndpoint = new(endpoints.Listen, endpoints.SiloPort);
            target.GatewayListeningEndpoint = new(endpoints.Listen, endpoints.GatewayPort);
        });
        silo.Services.AddOptions<ClusterOptions>().Configure<IOptions<ForgeOptions>>((target, options) =>
        {
            target.ClusterId = options.Value.ClusterId;
            target.ServiceId = options.Value.ServiceId;
        });

        silo.Services.AddOptions<SiloConnectionOptions>().Configure<IOptions<ForgeOptions>, ILoggerFactory, TimeProvider>(
            (target, options, loggers, time) => SiloTls.Configure(target, options.Value.Tls, loggers, time));
        return Read(configure).Database == ForgeDatabase.PostgreSql
            ? silo.AddPostgreSqlClustering()
            : silo.UseDevelopmentClustering(primarySiloEndpoint: null);
    }

    private static ISiloBuilder AddPostgreSqlClustering(this ISiloBuilder silo)
    {
        silo.Services.AddOptions<ClusterMembershipOptions>().Configure<IOptions<LivenessOptions>>((target, liveness) =>
        {
            target.IAmAliveTablePublishTimeout = SignOfLife;
            target.TableRefreshTimeout = Refresh;

            // Orleans waits for so many of the longest probes without a single message before it votes for a death.
            target.MaxProbeTimeout = liveness.Value.HangLimit / target.NumMissedProbesLimit;
        });
        silo.Services.AddSingleton(provider => new SiloPresence(
            provider.GetRequiredService<IOptions<ForgeOptions>>().Value.ConnectionString!,
            provider.GetRequiredService<ILocalSiloDetails>().ClusterId,
            provider.GetRequiredService<ILocalSiloDetails>().SiloAddress,
            provider.GetRequiredService<TimeProvider>()));
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DeadSiloWatch>();
        return silo.UseAdoNetClustering(clustering => clustering.Configure<IOptions<ForgeOptions>>((target, options) =>
        {
            target.Invariant = OrleansSchema.PostgreSqlInvariant;
            target.ConnectionString = ServerAddress.Of(options.Value.ConnectionString!).ConnectionString;
        }));
    }

    private static void AddOrleansStorage(this ISiloBuilder silo, ForgeDatabase database)
    {
        if (database == ForgeDatabase.Memory)
        {
            silo.AddMemoryGrainStorage(TenantGrain.StorageName);
            return;
        }

        silo.AddAdoNetGrainStorage(TenantGrain.StorageName, storage => storage
            .Configure<IOptions<ForgeOptions>, Serializer>((target, options, serializer) =>
            {
                // By ids and aliases, so that what is stored outlives the renaming of a type.
                target.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
                (target.Invariant, target.ConnectionString) = options.Value.Database == ForgeDatabase.PostgreSql
                    ? (OrleansSchema.PostgreSqlInvariant, ServerAddress.Of(options.Value.ConnectionString!).ConnectionString)
                    : (OrleansSchema.SqliteInvariant, OrleansSchema.SqliteConnectionString(options.Value.Data));
            }));
    }

    // Which providers there are has to be known before the options are.
    private static ForgeOptions Read(Action<ForgeOptions> configure)
    {
        var options = new ForgeOptions();
        configure(options);
        return options;
    }

    private static bool IsAdded(ISiloBuilder silo) => silo.Services.Any(service => service.ServiceType == typeof(Marker));

    private static Func<IServiceProvider, IOptions<T>> Part<T>(Func<ForgeOptions, T> part)
        where T : class =>
        provider => Options.Create(part(provider.GetRequiredService<IOptions<ForgeOptions>>().Value));

    private sealed class Marker;
}
