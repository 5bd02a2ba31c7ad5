using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Forge.Grains.Upkeep;

/// <summary>Registers what the sweeper has done.</summary>
internal static class UpkeepServiceCollectionExtensions
{
    /// <summary>
    /// Adds the sweeper with a handler for each kind of due work. The kinds take turns in this order, and what tidies up
    /// behind them goes in its own. Can be called more than once.
    /// </summary>
    public static IServiceCollection AddUpkeep(this IServiceCollection services)
    {
        services.TryAddSingleton<WorkClaims>();
        services.TryAddEnumerable(
        [
            ServiceDescriptor.Singleton<IDueWorkHandler, WalkHandler>(),
            ServiceDescriptor.Singleton<IDueWorkHandler, TrimHandler>(),
            ServiceDescriptor.Singleton<IDueWorkHandler, ReclaimHandler>(),
            ServiceDescriptor.Singleton<IDueWorkHandler, StagingHandler>(),
            ServiceDescriptor.Singleton<IDueWorkHandler, EraseHandler>(),
            ServiceDescriptor.Singleton<IDueWorkHandler, RetainHandler>(),
            ServiceDescriptor.Singleton<IDueWorkHandler, ForgetEffectsWork>(),
            ServiceDescriptor.Singleton<IDueWorkHandler, RemindWork>(),
            ServiceDescriptor.Singleton<ITidying, ForgetRequests>(),
            ServiceDescriptor.Singleton<ITidying, TrimFeeds>(),
            ServiceDescriptor.Singleton<ITidying, PurgeHandler>(),
            ServiceDescriptor.Singleton<ITidying, GiveBackSpace>(),
        ]);
        return services.AddHostedService<Sweeper>();
    }
}
