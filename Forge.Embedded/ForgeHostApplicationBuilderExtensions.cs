using Forge.Client;
using Forge.Grains.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;

namespace Forge.Embedded;

/// <summary>Adds Forge to a host that is no Forge service of its own.</summary>
public static class ForgeHostApplicationBuilderExtensions
{
    /// <summary>
    /// Runs a silo inside this process, on free ports, and registers <see cref="IForgeClient"/>, whose handles work as in
    /// an agent service with a silo elsewhere. By default its database is SQLite in the folder <c>data</c> of the current
    /// directory, which one process can have at a time. A second call changes nothing.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="configure">Changes the settings; both ports are 0, any free one, unless it says otherwise.</param>
    public static IHostApplicationBuilder AddForgeEmbedded(
        this IHostApplicationBuilder builder, Action<ForgeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(service => service.ServiceType == typeof(Marker)))
        {
            return builder;
        }

        builder.Services.AddSingleton<Marker>();
        builder.UseOrleans(silo => silo.AddForge(options =>
        {
            (options.SiloPort, options.GatewayPort) = (0, 0);
            configure?.Invoke(options);
        }));
        builder.Services.AddOptions<ForgeClientOptions>();
        builder.Services.TryAddSingleton<IForgeClient, ForgeClient>();
        return builder;
    }

    private sealed class Marker;
}
