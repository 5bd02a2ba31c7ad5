using System.Net;
using System.Text.Json;
using AgentFrameworkSample;
using Forge.AgentFramework.Workflows;
using Forge.Client;
using Forge.Client.Retries;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.AgentFramework;

public sealed class CheckpointStoreFaultTests
{
    private static readonly CheckpointInfo SomeKey = new("s", Guid.NewGuid().ToString());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnyCall_ThatIsCancelledBelow_IsNoCancellationAbove()
    {
        var cause = new TaskCanceledException("the host stops");
        var store = new ForgeCheckpointStore(new CancelledClient(cause));

        Exception[] raised =
        [
            await Assert.ThrowsAsync<OutcomeUnknownException>(() => store.CreateCheckpointAsync("s", JsonElement.Parse("1")).AsTask()),
            await Assert.ThrowsAsync<UnavailableException>(() => store.RetrieveCheckpointAsync("s", SomeKey).AsTask()),
            await Assert.ThrowsAsync<UnavailableException>(() => store.RetrieveIndexAsync("s").AsTask()),
            await Assert.ThrowsAsync<UnavailableException>(() => store.RetrieveIndexAsync("s", SomeKey).AsTask()),
        ];

        Assert.All(raised, exception => Assert.Same(cause, exception.InnerException));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_WhoseConnectionIsCut_EndsWithAnErrorAndGoesOnLater(bool offThread)
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", Path.Combine(folder.Path, "data"));
        using var host = await ConnectAsync(silo);
        var store = new ForgeCheckpointStore(host.Services.GetRequiredService<IForgeClient>());
        var environment = (offThread ? InProcessExecution.OffThread : InProcessExecution.Lockstep).WithCheckpointing(CountingRuns.Manage(store));
        var run = await environment.RunStreamingAsync(
            CountingWorkflow.Create(number => number == 4 ? silo.KillAsync() : Task.CompletedTask), new CountingWorkflow.Step(1, 6), "s", Cancel);
        var events = new List<WorkflowEvent>();
        await using (run)
        {
            await foreach (var happened in run.WatchStreamAsync(Cancel))
            {
                events.Add(happened);
                if (happened is WorkflowErrorEvent)
                {
                    await run.CancelRunAsync();
                    break;
                }
            }
        }

        var error = Assert.IsType<WorkflowErrorEvent>(events[^1]).Exception;
        Assert.True(error is OutcomeUnknownException or UnavailableException, $"{error}");
        Assert.Equal(3, events.OfType<SuperStepCompletedEvent>().Count());

        await silo.StartAgainAsync();
        using var again = await ConnectAsync(silo);
        var later = new ForgeCheckpointStore(again.Services.GetRequiredService<IForgeClient>());
        environment = InProcessExecution.Lockstep.WithCheckpointing(CountingRuns.Manage(later));
        await using var resumed = await environment.ResumeStreamingAsync(CountingWorkflow.Create(), (await later.GetLatestAsync("s", Cancel))!, Cancel);
        var outputs = await resumed.WatchStreamAsync(Cancel).OfType<WorkflowOutputEvent>().ToListAsync(Cancel);

        Assert.Equal(CountingRuns.ResultOf(6), Assert.Single(outputs).Data);
        Assert.Equal(6, (await later.RetrieveIndexAsync("s")).Count());
        await again.StopAsync(Cancel);
    }

    private static async Task<IHost> ConnectAsync(SiloProcess silo)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeClient(options =>
        {
            options.Gateways.Add(new IPEndPoint(IPAddress.Loopback, silo.GatewayPort).ToString());
            options.Retry = new RetryOptions { Attempts = 3, FirstDelay = TimeSpan.FromMilliseconds(1), AttemptTimeout = TimeSpan.FromSeconds(2) };
        });
        var host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }

    /// <summary>A client whose every session is cancelled, as one may be whose host stops.</summary>
    private sealed class CancelledClient(Exception cause) : IForgeClient
    {
        public SessionHandle Session(string session) => throw cause;

        public SessionHandle Session(SessionId session, TenantId? tenant = null) => throw cause;

        public TenantHandle Tenant(string tenant) => throw cause;

        public TenantHandle Tenant(TenantId tenant) => throw cause;
    }
}
