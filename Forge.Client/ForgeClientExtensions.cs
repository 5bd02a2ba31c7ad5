using Forge.Client.Connections;
using Forge.Client.Retries;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Runtime;
using Orleans.Runtime.Membership;

namespace Forge.Client;

/// <summary>Puts the client on a host.</summary>
public static class ForgeClientExtensions
{
    private const string Npgsql = "Npgsql";

    /// <summary>How often the client asks a gateway whether the cluster has changed: how late it learns of a silo that died.</summary>
    private static readonly TimeSpan ClusterRefresh = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Registers <see cref="IForgeClient"/> over an Orleans client that connects when the host starts, with the settings of
    /// section <c>Forge:Client</c>, then those of <paramref name="configure"/>. Called again it adds settings, and no second
    /// client. Not for a host that has a silo: that one reaches the grains without an Orleans client.
    /// </summary>
    /// <exception cref="OptionsValidationException">At the host's start: a setting is bad; the message names it.</exception>
    public static IHostApplicationBuilder AddForgeClient(
        this IHostApplicationBuilder builder, Action<ForgeClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!IsAdded(builder.Services))
        {
            builder.Services.AddOptions<ForgeClientOptions>().BindConfiguration(ForgeClientOptions.Section);
        }

        builder.Services.AddForgeClient(configure);
        return builder;
    }

    /// <summary>
    /// Registers <see cref="IForgeClient"/> over an Orleans client that connects when the host starts. Called again it adds
    /// settings, and no second client. Not for a host that has a silo.
    /// </summary>
    /// <exception cref="OptionsValidationException">At the host's start: a setting is bad; the message names it.</exception>
    public static IServiceCollection AddForgeClient(
        this IServiceCollection services, Action<ForgeClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<ForgeClientOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (IsAdded(services))
        {
            return services;
        }

        options.ValidateOnStart();
        services.AddSingleton<IValidateOptions<ForgeClientOptions>, ForgeClientOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddOrleansClient(client => Connect(client.Services));
        services.AddSingleton<IForgeClient>(provider => new ForgeClient(
            provider.GetRequiredService<IGrainFactory>(),
            provider.GetRequiredService<IOptions<ForgeClientOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<SiloLosses>()));
        return services;
    }

    /// <summary>Of several hosts the primary: what a standby knows of the silos may be old.</summary>
    private static string? PrimaryOf(string? connectionString)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString);
        if (address.Host?.Contains(',', StringComparison.Ordinal) ?? false)
        {
            address.TargetSessionAttributes = "primary";
            return address.ConnectionString;
        }

        return connectionString;
    }

    private static bool IsAdded(IServiceCollection services) =>
        services.Any(service => service.ImplementationType == typeof(ForgeClientOptionsValidator));

    /// <summary>Which way to connect is known only when all settings are, so the choice is made where it is first needed.</summary>
    private static void Connect(IServiceCollection services)
    {
        services.AddOptions<ClusterOptions>().Configure<IOptions<ForgeClientOptions>>((cluster, forge) =>
            (cluster.ClusterId, cluster.ServiceId) = (forge.Value.ClusterId, forge.Value.ServiceId));
        services.AddOptions<ClientConnectionOptions>().Configure<IOptions<ForgeClientOptions>, ILoggerFactory, TimeProvider>(
            (connections, forge, loggers, time) => ClientTls.Configure(connections, forge.Value.Tls, loggers, time));
        services.AddOptions<StaticGatewayListProviderOptions>().Configure<IOptions<ForgeClientOptions>>((gateways, forge) =>
            gateways.Gateways = [.. GatewayAddress.All(forge.Value).Select(address => address.ToGatewayUri())]);
        services.AddOptions<AdoNetClusteringClientOptions>().Configure<IOptions<ForgeClientOptions>>((database, forge) =>
            (database.Invariant, database.ConnectionString) = (Npgsql, PrimaryOf(forge.Value.ConnectionString)!));
        services.AddSingleton<IGatewayListProvider>(provider =>
            provider.GetRequiredService<IOptions<ForgeClientOptions>>().Value.ConnectionString is null
                ? ActivatorUtilities.CreateInstance<StaticGatewayListProvider>(provider)
                : ActivatorUtilities.CreateInstance<AdoNetGatewayListProvider>(provider));
        services.AddSingleton<IClientConnectionRetryFilter, ConnectionRetryFilter>();
        services.Configure<TypeManagementOptions>(cluster => cluster.TypeMapRefreshInterval = ClusterRefresh);
        services.AddSingleton<SiloLosses>();
        services.AddSingleton<IClusterConnectionStatusObserver>(provider => provider.GetRequiredService<SiloLosses>());
        services.AddHostedService<LostSiloWatch>();
    }
}
