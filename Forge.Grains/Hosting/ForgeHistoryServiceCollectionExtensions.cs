using System.Diagnostics.Metrics;
using Forge.Grains.Activity;
using Forge.Grains.Differences;
using Forge.Grains.Feeds;
using Forge.Grains.Integrity;
using Forge.Grains.Portability;
using Forge.Grains.Retention;
using Forge.Grains.Sessions;
using Forge.Grains.Streams;
using Forge.Grains.Telemetry;
using Forge.Grains.Tenants;
using Forge.Grains.Upkeep;
using Forge.Grains.Usage;
using Forge.History.Deltas;
using Forge.History.Reading;
using Forge.History.Stores;
using Forge.History.Telemetry;
using Forge.History.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;

namespace Forge.Grains.Hosting;

/// <summary>Registers what lies between the session grains and the history store.</summary>
internal static class ForgeHistoryServiceCollectionExtensions
{
    /// <summary>
    /// Adds the writer, the grain storage <c>history</c>, the grains' services and the sweeper. An <see cref="IHistoryStore"/>,
    /// a <see cref="TimeProvider"/> and <see cref="ForgeOptions"/> must be registered besides. Can be called more than once.
    /// </summary>
    public static IServiceCollection AddForgeHistory(this IServiceCollection services)
    {
        services.AddRole(store => store.Commits)
            .AddRole(store => store.Reads)
            .AddRole(store => store.Log)
            .AddRole(store => store.Feed)
            .AddRole(store => store.Staging)
            .AddRole(store => store.Forks)
            .AddRole(store => store.Writes)
            .AddRole(store => store.Effects)
            .AddRole(store => store.Upkeep)
            .AddRole(store => store.Verification)
            .AddRole(store => store.Catalog)
            .AddRole(store => store.Access)
            .AddRole(store => store.Usage)
            .AddRole(store => store.Traces);
        services.TryAddSingleton(provider => new HistoryInstruments(provider.GetService<IMeterFactory>()));
        services.TryAddSingleton(provider => new HistoryWriter(
            provider.GetRequiredService<IHistoryCommits>(),
            provider.GetRequiredService<IOptions<ForgeOptions>>().Value.Writer,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<HistoryInstruments>(),
            provider.GetRequiredService<ILogger<HistoryWriter>>()));
        services.TryAddSingleton(provider =>
            new WriterBudget(provider.GetRequiredService<IOptions<ForgeOptions>>().Value.Writer));
        services.TryAddSingleton(provider =>
            new KnownStates(provider.GetRequiredService<IOptions<ForgeOptions>>().Value.Deltas.BaseBytes));
        services.TryAddSingleton<CommitEncoder>();
        services.TryAddSingleton(provider => new HeadVersions(
            provider.GetRequiredService<ISessionReads>(),
            provider.GetRequiredService<IOptions<ForgeOptions>>().Value.Writer.CommandTimeout,
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<MendedRows>();
        services.TryAddSingleton<StoredTenants>();
        services.TryAddSingleton(provider => new TenantDefaults(
            provider.GetRequiredService<StoredTenants>().ReadAsync,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<TenantDefaults>>()));
        services.TryAddSingleton<RetentionClock>();
        services.TryAddSingleton<PortabilitySlots>();
        services.TryAddSingleton<StateDifferences>();
        services.TryAddSingleton<OpenFeeds>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<OpenFeeds>());
        services.TryAddSingleton<SessionEvents>();
        services.TryAddSingleton<FeedWatches>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<FeedWatches>());
        services.TryAddSingleton<FeedFollower>();
        services.TryAddSingleton(provider =>
        {
            var (instruments, budget) = (
                new GrainInstruments(provider.GetService<IMeterFactory>(), provider.GetRequiredService<ILogger<GrainInstruments>>()),
                provider.GetRequiredService<WriterBudget>());
            var feeds = provider.GetRequiredService<OpenFeeds>();
            instruments.ObserveQueue(() => budget.Load.Records, () => budget.Load.Bytes);
            instruments.ObserveStreams(() => feeds.Count);
            return instruments;
        });
        services.TryAddSingleton<SessionServices>();
        services.TryAddKeyedSingleton<IGrainStorage, HistoryGrainStorage>(HistoryGrainStorage.Name);
        services.TryAddSingleton<ActivityNotes>();
        services.AddHostedService<ActivityNoter>();
        services.TryAddSingleton<UsageMeters>();
        services.AddHostedService<UsageCounter>();
        services.AddHostedService<Census>();
        services.AddUpkeep();
        services.AddHostedService<IntegritySweeper>();
        services.TryAddSingleton<IForgeIntegrity, HistoryIntegrity>();

        // An error keeps its cause, and a cause that the wire cannot carry would take the whole answer with it. A caller
        // that does not have the cause's type reads it as a plain exception with its message.
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedExceptionTypeFilter = _ => true);
        return services;
    }

    /// <summary>Lets what needs one role of the store ask for that alone.</summary>
    private static IServiceCollection AddRole<TRole>(this IServiceCollection services, Func<IHistoryStore, TRole> role)
        where TRole : class
    {
        services.TryAddSingleton(provider => role(provider.GetRequiredService<IHistoryStore>()));
        return services;
    }
}
