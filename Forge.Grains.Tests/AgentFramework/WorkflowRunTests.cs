using AgentFrameworkSample;
using Forge.AgentFramework.Workflows;
using Microsoft.Agents.AI.Workflows;
using Microsoft.Agents.AI.Workflows.Checkpointing;
using Microsoft.Agents.AI.Workflows.InProc;

namespace Forge.Grains.Tests.AgentFramework;

/// <summary>Workflows of the framework itself over the store, off the thread that watches and in lockstep.</summary>
public sealed class WorkflowRunTests(AgentFrameworkSilo silo)
{
    private const int Steps = 6;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_ToItsEnd_HasACheckpointForEachSuperstep(bool offThread)
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());

        var events = await WatchAsync(await BeginAsync(store, session, offThread));

        var saved = events.OfType<SuperStepCompletedEvent>().Select(step => step.CompletionInfo!.Checkpoint).ToList();
        Assert.Equal(Steps, saved.Count);
        Assert.Equal(saved, await store.RetrieveIndexAsync(session));
        Assert.Equal(CountingRuns.ResultOf(Steps), Assert.Single(events.OfType<WorkflowOutputEvent>()).Data);
        Assert.Empty(events.OfType<WorkflowErrorEvent>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Resume_FromAnyCheckpoint_ByANewStore_ComesToTheSameEnd(bool offThread)
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        await WatchAsync(await BeginAsync(store, session, offThread));
        var saved = (await store.RetrieveIndexAsync(session)).ToList();

        for (var from = 0; from < Steps - 1; from++)
        {
            var other = new ForgeCheckpointStore(await silo.ClientAsync());
            var claimed = other.Under(await other.Session(session).ClaimAsync($"worker-{from}"));
            var run = await Environment(claimed, offThread).ResumeStreamingAsync(CountingWorkflow.Create(), saved[from], Cancel);
            var events = await WatchAsync(run);

            Assert.Equal(CountingRuns.ResultOf(Steps), Assert.Single(events.OfType<WorkflowOutputEvent>()).Data);
            Assert.Equal(Steps - from - 1, events.OfType<SuperStepCompletedEvent>().Count());
            Assert.Contains(events.OfType<SuperStepCompletedEvent>().First().CompletionInfo!.Checkpoint, await store.RetrieveIndexAsync(session, saved[from]));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_TwiceWithTheSameMessages_UnderNoClaim_IsOneSeriesOfCheckpoints(bool offThread)
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        await WatchAsync(await BeginAsync(store, session, offThread));
        var saved = (await store.RetrieveIndexAsync(session)).ToList();

        await WatchAsync(await Environment(store, offThread).ResumeStreamingAsync(CountingWorkflow.Create(), saved[1], Cancel));

        Assert.Equal(saved.Count, (await store.RetrieveIndexAsync(session)).Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_WithAPersonInIt_AsksAgainWhenResumedAndGoesOnWithTheAnswer(bool offThread)
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        await using (var first = await Environment(store, offThread).RunStreamingAsync(Approval(), "a house", session, Cancel))
        {
            var asked = await first.WatchStreamAsync(blockOnPendingRequest: false, Cancel).OfType<RequestInfoEvent>().ToListAsync(Cancel);
            Assert.Equal("buy a house?", Assert.Single(asked).Request.Data.As<string>());
        }

        var newest = await store.GetLatestAsync(session, Cancel);
        await using var second = await Environment(store, offThread).ResumeStreamingAsync(Approval(), newest!, Cancel);
        var said = new List<object?>();
        await foreach (var happened in second.WatchStreamAsync(Cancel))
        {
            if (happened is RequestInfoEvent again)
            {
                await second.SendResponseAsync(again.Request.CreateResponse(true));
            }
            else if (happened is WorkflowOutputEvent output)
            {
                said.Add(output.Data);
            }
        }

        Assert.Equal(["bought"], said);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_OverAStoreThatIsSuperseded_EndsWithAnError(bool offThread)
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        var claimed = store.Under(await store.Session(session).ClaimAsync("first"));
        var run = await Environment(claimed, offThread).RunStreamingAsync(
            CountingWorkflow.Create(async number =>
            {
                if (number == 3)
                {
                    await store.Session(session).ClaimAsync("second");
                }
            }),
            new CountingWorkflow.Step(1, Steps),
            session,
            Cancel);

        var events = await WatchAsync(run, untilError: true);

        Assert.IsType<Forge.Errors.ClaimSupersededException>(Assert.Single(events.OfType<WorkflowErrorEvent>()).Exception);
        Assert.Equal(2, (await store.RetrieveIndexAsync(session)).Count());
    }

    /// <summary>Why no cancellation may leave a store. If this fails, a version of the framework tells of one.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Framework_StoreThatIsCancelled_SaysNothingAndGoesOn(bool offThread)
    {
        var store = new ScriptedCheckpointStore(create => create == 3 ? new OperationCanceledException() : null);

        var events = await WatchAsync(await BeginAsync(store, "s", offThread));

        Assert.Empty(events.OfType<WorkflowErrorEvent>());
        Assert.Equal(Steps - 1, events.OfType<SuperStepCompletedEvent>().Count());
        Assert.Equal(Steps, store.Creates);
        Assert.Single(events.OfType<WorkflowOutputEvent>());
    }

    /// <summary>Off the thread the framework ends a run whose checkpoint failed; in lockstep it is the host that must.</summary>
    [Theory]
    [InlineData(true, 3)]
    [InlineData(false, Steps)]
    public async Task Framework_StoreThatFails_TellsOfItAndEndsOffTheThreadAlone(bool offThread, int creates)
    {
        var store = new ScriptedCheckpointStore(create => create == 3 ? new InvalidOperationException("full") : null);

        var events = await WatchAsync(await BeginAsync(store, "s", offThread));

        Assert.Equal("full", Assert.Single(events.OfType<WorkflowErrorEvent>()).Exception!.Message);
        Assert.Equal(creates, store.Creates);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Framework_HostThatCancelsARunWhoseCheckpointFailed_RunsNoFurtherStep(bool offThread)
    {
        var store = new ScriptedCheckpointStore(create => create == 3 ? new InvalidOperationException("full") : null);

        var events = await WatchAsync(await BeginAsync(store, "s", offThread), untilError: true);

        Assert.IsType<WorkflowErrorEvent>(events[^1]);
        Assert.Equal(3, store.Creates);
    }

    private static InProcessExecutionEnvironment Environment(JsonCheckpointStore store, bool offThread) =>
        (offThread ? InProcessExecution.OffThread : InProcessExecution.Lockstep).WithCheckpointing(CountingRuns.Manage(store));

    private static ValueTask<StreamingRun> BeginAsync(JsonCheckpointStore store, string session, bool offThread) =>
        Environment(store, offThread).RunStreamingAsync(CountingWorkflow.Create(), new CountingWorkflow.Step(1, Steps), session, Cancel);

    /// <summary>What a run tells until it has no more to do.</summary>
    private static async Task<List<WorkflowEvent>> WatchAsync(StreamingRun run, bool untilError = false)
    {
        await using (run)
        {
            var events = new List<WorkflowEvent>();
            await foreach (var happened in run.WatchStreamAsync(Cancel))
            {
                events.Add(happened);
                if (untilError && happened is WorkflowErrorEvent)
                {
                    await run.CancelRunAsync();
                    break;
                }
            }

            return events;
        }
    }

    private static Workflow Approval()
    {
        var port = RequestPort.Create<string, bool>("approval");
        ExecutorBinding order = new Order();
        ExecutorBinding ship = new Ship();
        return new WorkflowBuilder(order).AddEdge(order, port).AddEdge(port, ship).WithOutputFrom(ship).Build();
    }

    [SendsMessage(typeof(string))]
    private sealed class Order() : Executor<string>("order")
    {
        public override ValueTask HandleAsync(string message, IWorkflowContext context, CancellationToken cancellationToken = default) =>
            context.SendMessageAsync($"buy {message}?", cancellationToken: cancellationToken);
    }

    [YieldsOutput(typeof(string))]
    private sealed class Ship() : Executor<bool>("ship")
    {
        public override ValueTask HandleAsync(bool message, IWorkflowContext context, CancellationToken cancellationToken = default) =>
            context.YieldOutputAsync(message ? "bought" : "left", cancellationToken);
    }
}
