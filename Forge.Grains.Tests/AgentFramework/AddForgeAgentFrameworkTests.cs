using AgentFrameworkSample;
using Forge.AgentFramework;
using Forge.AgentFramework.AgentSessions;
using Forge.AgentFramework.ChatHistory;
using Forge.AgentFramework.Workflows;
using Forge.Embedded;
using Forge.Grains.Hosting;
using Microsoft.Agents.AI;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.AgentFramework;

public sealed class AddForgeAgentFrameworkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AddForge_OnAHostOfItsOwn_RegistersStoresThatWork()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeEmbedded(options => options.Database = ForgeDatabase.Memory);
        builder.AddForgeCheckpointStore(options => options.SerializerOptions = System.Text.Json.JsonSerializerOptions.Default)
            .AddForgeSessionStore().AddForgeChatHistory();
        using var host = builder.Build();
        await host.StartAsync(Cancel);
        var services = host.Services;
        var environment = InProcessExecution.Lockstep.WithCheckpointing(services.GetRequiredService<CheckpointManager>());

        await using (var run = await environment.RunStreamingAsync(CountingWorkflow.Create(), new CountingWorkflow.Step(1, 3), "s", Cancel))
        {
            Assert.Single(await run.WatchStreamAsync(Cancel).OfType<WorkflowOutputEvent>().ToListAsync(Cancel));
        }

        Assert.Equal(3, (await services.GetRequiredService<JsonCheckpointStore>().RetrieveIndexAsync("s")).Count());
        Assert.IsType<ForgeSessionStore>(services.GetRequiredService<AgentSessionStore>());
        Assert.IsType<ForgeChatHistoryProvider>(services.GetRequiredService<ChatHistoryProvider>());
        await host.StopAsync(Cancel);
    }

    [Fact]
    public void AddForge_Twice_IsOnceWithTheSettingsOfBoth()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
        [
            new("Forge:AgentFramework:Checkpoints:Prefix", "from-the-file"), new("Forge:AgentFramework:Checkpoints:PageItems", "7"),
            new("Forge:AgentFramework:Checkpoints:Tenant", "red"),
        ]);
        builder.AddForgeCheckpointStore(options => options.Prefix = "first").AddForgeSessionStore().AddForgeChatHistory();
        var before = Registered();
        builder.AddForgeCheckpointStore(options => options.Tenant = "blue").AddForgeSessionStore().AddForgeChatHistory();

        Assert.Equal(before, Registered());
        using var provider = builder.Services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<ForgeCheckpointStoreOptions>>().Value;
        Assert.Equal(("first", "blue", 7), (options.Prefix, options.Tenant, options.PageItems));

        int Registered() => builder.Services.Count(service => service.ServiceType.Namespace?.Contains("Agent", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task AddForge_BadSettings_FailTheStartWithAllOfThem()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeCheckpointStore(options => (options.Tenant, options.Prefix, options.PageItems) = ("a/b", "a:b", 0));
        builder.AddForgeSessionStore(options => (options.TenantPartition, options.AgentName) = (" ", null!));
        builder.AddForgeChatHistory(options => (options.MaxMessages, options.MaxBytes, options.StateKey) = (0, 1, ""));
        using var host = builder.Build();

        var failure = await Assert.ThrowsAsync<AggregateException>(() => host.StartAsync(Cancel));

        string[] failures = [.. failure.InnerExceptions.Cast<OptionsValidationException>().SelectMany(one => one.Failures)];
        Assert.Equal(8, failures.Length);
        Assert.Contains("Forge:AgentFramework:Checkpoints:Prefix is 'a:b'; it must have 1 to 32 letters, digits, '-', '.' and '_'.", failures);
        Assert.Contains("Forge:AgentFramework:Checkpoints:PageItems is 0; it must be from 1 to 10000.", failures);
        Assert.Contains("Forge:AgentFramework:ChatHistory:MaxBytes is 1; it must be from 1024 to 67108864.", failures);
    }
}
