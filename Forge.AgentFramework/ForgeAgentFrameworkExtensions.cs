using Forge.AgentFramework.AgentSessions;
using Forge.AgentFramework.ChatHistory;
using Forge.AgentFramework.Http;
using Forge.AgentFramework.Workflows;
using Forge.Client;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Forge.AgentFramework;

/// <summary>
/// Puts the stores on a host that has an <see cref="IForgeClient"/>, by <c>AddForgeClient</c> or <c>AddForgeEmbedded</c>, or on one that reaches a
/// silo by HTTP. Each may be called again, which adds settings and no second store. Bad settings end the host's start with an <see cref="OptionsValidationException"/> that names them.
/// </summary>
public static class ForgeAgentFrameworkExtensions
{
    /// <summary>
    /// Registers a <see cref="ForgeCheckpointStore"/> and a <see cref="CheckpointManager"/> over it, with the settings of section
    /// <c>Forge:AgentFramework:Checkpoints</c>, then those of <paramref name="configure"/>.
    /// </summary>
    public static IHostApplicationBuilder AddForgeCheckpointStore(
        this IHostApplicationBuilder builder, Action<ForgeCheckpointStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Bind<ForgeCheckpointStore, ForgeCheckpointStoreOptions>(builder, ForgeCheckpointStoreOptions.Section);
        builder.Services.AddForgeCheckpointStore(configure);
        return builder;
    }

    /// <summary>Registers a <see cref="ForgeCheckpointStore"/> and a <see cref="CheckpointManager"/> over it.</summary>
    public static IServiceCollection AddForgeCheckpointStore(
        this IServiceCollection services, Action<ForgeCheckpointStoreOptions>? configure = null)
    {
        if (!Configure<ForgeCheckpointStore, ForgeCheckpointStoreOptions, ForgeCheckpointStoreOptionsValidator>(services, configure))
        {
            return services;
        }

        services.AddSingleton(provider => new ForgeCheckpointStore(
            provider.GetRequiredService<IForgeClient>(), provider.GetRequiredService<IOptions<ForgeCheckpointStoreOptions>>().Value));
        services.TryAddSingleton<JsonCheckpointStore>(provider => provider.GetRequiredService<ForgeCheckpointStore>());
        services.TryAddSingleton(provider => CheckpointManager.CreateJson(
            provider.GetRequiredService<ForgeCheckpointStore>(),
            provider.GetRequiredService<IOptions<ForgeCheckpointStoreOptions>>().Value.SerializerOptions));
        return services;
    }

    /// <summary>
    /// Registers a <see cref="ForgeHttpCheckpointStore"/> and a <see cref="CheckpointManager"/> over it, with the settings of section
    /// <c>Forge:AgentFramework:Checkpoints</c>, then those of <paramref name="configure"/>. The host needs no <see cref="IForgeClient"/> for it.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="silo">The address of a silo, or of what stands before several: <c>http://127.0.0.1:5080</c>. If it is added again, the first counts.</param>
    /// <param name="configure">Settings.</param>
    /// <param name="connect">Is told what sends the requests, to give it a key: <c>Authorization: Bearer …</c>.</param>
    public static IHostApplicationBuilder AddForgeHttpCheckpointStore(
        this IHostApplicationBuilder builder, Uri silo, Action<ForgeCheckpointStoreOptions>? configure = null, Action<HttpClient>? connect = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(silo);

        // Both stores have the same settings.
        Bind<ForgeCheckpointStore, ForgeCheckpointStoreOptions>(builder, ForgeCheckpointStoreOptions.Section);
        builder.Services.AddForgeHttpCheckpointStore(silo, configure, connect);
        return builder;
    }

    /// <summary>Registers a <see cref="ForgeHttpCheckpointStore"/> and a <see cref="CheckpointManager"/> over it.</summary>
    /// <inheritdoc cref="AddForgeHttpCheckpointStore(IHostApplicationBuilder, Uri, Action{ForgeCheckpointStoreOptions}?, Action{HttpClient}?)"/>
    public static IServiceCollection AddForgeHttpCheckpointStore(
        this IServiceCollection services, Uri silo, Action<ForgeCheckpointStoreOptions>? configure = null, Action<HttpClient>? connect = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        if (!Configure<ForgeHttpCheckpointStore, ForgeCheckpointStoreOptions, ForgeCheckpointStoreOptionsValidator>(services, configure))
        {
            return services;
        }

        services.AddSingleton(_ => new SiloConnection(silo, connect));
        services.AddSingleton(provider => new ForgeHttpCheckpointStore(
            provider.GetRequiredService<SiloConnection>().Client, provider.GetRequiredService<IOptions<ForgeCheckpointStoreOptions>>().Value));
        services.TryAddSingleton<JsonCheckpointStore>(provider => provider.GetRequiredService<ForgeHttpCheckpointStore>());
        services.TryAddSingleton(provider => CheckpointManager.CreateJson(
            provider.GetRequiredService<ForgeHttpCheckpointStore>(),
            provider.GetRequiredService<IOptions<ForgeCheckpointStoreOptions>>().Value.SerializerOptions));
        return services;
    }

    /// <summary>
    /// Registers a <see cref="ForgeSessionStore"/>, also as the <see cref="AgentSessionStore"/>, with the settings of section
    /// <c>Forge:AgentFramework:Sessions</c>, then those of <paramref name="configure"/>.
    /// </summary>
    public static IHostApplicationBuilder AddForgeSessionStore(
        this IHostApplicationBuilder builder, Action<ForgeSessionStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Bind<ForgeSessionStore, ForgeSessionStoreOptions>(builder, ForgeSessionStoreOptions.Section);
        builder.Services.AddForgeSessionStore(configure);
        return builder;
    }

    /// <summary>Registers a <see cref="ForgeSessionStore"/>, also as the <see cref="AgentSessionStore"/>.</summary>
    public static IServiceCollection AddForgeSessionStore(this IServiceCollection services, Action<ForgeSessionStoreOptions>? configure = null)
    {
        if (!Configure<ForgeSessionStore, ForgeSessionStoreOptions, ForgeSessionStoreOptionsValidator>(services, configure))
        {
            return services;
        }

        services.AddSingleton(provider => new ForgeSessionStore(
            provider.GetRequiredService<IForgeClient>(), provider.GetRequiredService<IOptions<ForgeSessionStoreOptions>>().Value));
        services.TryAddSingleton<AgentSessionStore>(provider => provider.GetRequiredService<ForgeSessionStore>());
        return services;
    }

    /// <summary>
    /// Registers a <see cref="ForgeChatHistoryProvider"/>, also as the <see cref="ChatHistoryProvider"/>, with the settings of section
    /// <c>Forge:AgentFramework:ChatHistory</c>, then those of <paramref name="configure"/>.
    /// </summary>
    public static IHostApplicationBuilder AddForgeChatHistory(
        this IHostApplicationBuilder builder, Action<ForgeChatHistoryOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        Bind<ForgeChatHistoryProvider, ForgeChatHistoryOptions>(builder, ForgeChatHistoryOptions.Section);
        builder.Services.AddForgeChatHistory(configure);
        return builder;
    }

    /// <summary>Registers a <see cref="ForgeChatHistoryProvider"/>, also as the <see cref="ChatHistoryProvider"/>.</summary>
    public static IServiceCollection AddForgeChatHistory(this IServiceCollection services, Action<ForgeChatHistoryOptions>? configure = null)
    {
        if (!Configure<ForgeChatHistoryProvider, ForgeChatHistoryOptions, ForgeChatHistoryOptionsValidator>(services, configure))
        {
            return services;
        }

        services.AddSingleton(provider => new ForgeChatHistoryProvider(
            provider.GetRequiredService<IForgeClient>(), provider.GetRequiredService<IOptions<ForgeChatHistoryOptions>>().Value));
        services.TryAddSingleton<ChatHistoryProvider>(provider => provider.GetRequiredService<ForgeChatHistoryProvider>());
        return services;
    }

    /// <summary>Binds the options to their section, before anything else is said of them, and once.</summary>
    private static void Bind<TStore, TOptions>(IHostApplicationBuilder builder, string section)
        where TOptions : class
    {
        if (!IsAdded<Bound<TStore>>(builder.Services))
        {
            builder.Services.AddSingleton<Bound<TStore>>();
            builder.Services.AddOptions<TOptions>().BindConfiguration(section);
        }
    }

    /// <summary>True if the store is to be registered; false if it is already.</summary>
    private static bool Configure<TStore, TOptions, TValidator>(IServiceCollection services, Action<TOptions>? configure)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        ArgumentNullException.ThrowIfNull(services);
        var options = services.AddOptions<TOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        if (IsAdded<TStore>(services))
        {
            return false;
        }

        options.ValidateOnStart();
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        return true;
    }

    private static bool IsAdded<TStore>(IServiceCollection services) => services.Any(service => service.ServiceType == typeof(TStore));

    /// <summary>Says that the section of a store is bound, also if somebody registered the store before.</summary>
    private sealed class Bound<TStore>;
}
