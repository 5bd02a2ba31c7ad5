using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Forge.Silo.Draining;

/// <summary>Adds to the host how it stops.</summary>
internal static class DrainServices
{
    public static IServiceCollection AddDrain(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<DrainOptions>, DrainOptionsValidator>();
        services.AddOptions<DrainOptions>().BindConfiguration(DrainOptions.Section).ValidateOnStart();
        services.AddOptions<HostOptions>().Configure<IOptions<DrainOptions>>(
            (host, drain) => host.ShutdownTimeout = drain.Value.Delay + drain.Value.Timeout);
        services.TryAddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        return services;
    }
}
