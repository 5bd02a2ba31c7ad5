using Forge.Checkpoints;
using Forge.Client;
using Forge.Client.Loops;
using Forge.Errors;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Loops;

/// <summary>What the loop of an agent promises, on each database.</summary>
public abstract class AgentLoopContract(RetentionFixture fixture)
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly List<Exception> _failed = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private LoopOptions<Work> Options => new() { Start = () => new Work([]), SaveEvery = null, Failed = _failed.Add };

    [Fact]
    public async Task Run_OfANewSession_SavesBeforeTheFirstStepAndAfterEach()
    {
        var session = Session();

        var result = await session.RunAsync(StepsUntil(3), Options, Cancel);

        Assert.Equal((3, true), (result.Steps, result.IsFinished));
        Assert.Equal([1, 2, 3], result.State.Done);
        Assert.Equal(
            [("Before step 1", 0, 0), ("After step 1", 1, 1), ("After step 2", 2, 2), ("After step 3", 3, 3)],
            await SavedAsync(session));
        Assert.Empty(_failed);
    }

    [Fact]
    public async Task Run_OfWorkThatIsFinished_MakesNoStep()
    {
        var session = Session();
        await session.RunAsync(StepsUntil(2), Options, Cancel);

        var again = await session.RunAsync((_, _) => throw new InvalidOperationException("a step"), Options, Cancel);

        Assert.Equal((2, true), (again.Steps, again.IsFinished));
        Assert.Equal([1, 2], again.State.Done);
        Assert.Equal(3, (await SavedAsync(session)).Count);
    }

    [Fact]
    public async Task Run_WithTheMostSteps_EndsBehindThemAndGoesOnLater()
    {
        var session = Session();

        var first = await session.RunAsync(StepsUntil(3), Options with { MaxSteps = 2 }, Cancel);
        var second = await session.RunAsync(StepsUntil(3), Options with { MaxSteps = 2 }, Cancel);

        Assert.Equal((2, false), (first.Steps, first.IsFinished));
        Assert.Equal((3, true), (second.Steps, second.IsFinished));
        Assert.Equal([1, 2, 3], second.State.Done);
    }

    [Fact]
    public async Task Run_AStepThatThrows_SavesTheNewestStateAsAnErrorAndIsMadeAgain()
    {
        var session = Session();

        await Assert.ThrowsAsync<InvalidOperationException>(() => session.RunAsync(
            (step, work) =>
            {
                if (step.Number == 1)
                {
                    return Task.FromResult(step.Next(work.With(1)));
                }

                step.Report(work.With(20));
                throw new InvalidOperationException("no\0 luck");
            },
            Options,
            Cancel));

        var error = await session.LatestAsync<Work>(Cancel);
        Assert.Equal(
            (CheckpointTrigger.Error, "Step 2 failed: InvalidOperationException: no  luck"), (error!.Summary.Trigger, error.Summary.Message));
        Assert.Equal([1, 20], error.State.Done);
        var numbers = new List<long>();
        await session.RunAsync(
            (step, work) =>
            {
                numbers.Add(step.Number);
                return Task.FromResult(step.Finish(work));
            },
            Options,
            Cancel);
        Assert.Equal([2], numbers);
    }

    [Fact]
    public async Task Run_ThatEndsBetweenTwoSaves_RepeatsNoStepThatWasSavedAndNoAct()
    {
        var session = Session();
        using var death = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var (steps, acts) = (new List<long>(), 0);
        async Task<StepEnd<Work>> StepAsync(AgentStep<Work> step, Work work)
        {
            steps.Add(step.Number);
            var act = await step.OnceAsync($"act-{step.Number}", work, _ => Task.FromResult(++acts));
            if (step.Number == 2 && steps.Count == 2)
            {
                // Behind the act, and before the step is saved.
                await death.CancelAsync();
                step.Cancel.ThrowIfCancellationRequested();
            }

            return step.Number == 3 ? step.Finish(work.With(act)) : step.Next(work.With(act));
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RunAsync(StepAsync, Options, death.Token));
        var result = await session.RunAsync(StepAsync, Options, Cancel);

        Assert.Equal([1, 2, 2, 3], steps);
        Assert.Equal(3, acts);
        Assert.Equal([1, 2, 3], result.State.Done);
    }

    [Fact]
    public async Task OnceAsync_OfAStepThatHasReported_SavesThatBeforeTheToolIsCalled()
    {
        var session = Session();
        List<(string Message, int Trigger, int Steps)> before = [];

        await session.RunAsync(
            async (step, work) =>
            {
                step.Report(work.With(10));
                await step.OnceAsync("tool", 1, async _ =>
                {
                    before = await SavedAsync(session);
                    return 1;
                });
                return step.Finish(work.With(10));
            },
            Options,
            Cancel);

        Assert.Equal(("Before tool in step 1", (int)CheckpointTrigger.ToolCall, 0), before[^1]);
    }

    [Fact]
    public async Task SaveBeforeCompaction_OfAStep_HasItsTriggerAndIsGoneOnFrom()
    {
        var session = Session();
        using var death = CancellationTokenSource.CreateLinkedTokenSource(Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.RunAsync(
            async (step, work) =>
            {
                await step.SaveBeforeCompactionAsync(work.With(7));
                await death.CancelAsync();
                throw new OperationCanceledException(step.Cancel);
            },
            Options,
            death.Token));

        var current = await session.CurrentAsync<Work>(Cancel);
        Assert.Equal(CheckpointTrigger.ContextCompactionWarning, current!.Summary.Trigger);
        Assert.Equal([7], current.State.Done);
        Assert.Equal(1, (await session.RunAsync(StepsUntil(1), Options, Cancel)).Steps);
    }

    [Fact]
    public async Task Run_TimePassesInAStep_SavesWhatWasReportedUnlessTheSessionThrottlesIt()
    {
        var session = Session();
        var every = TimeSpan.FromMinutes(1);

        await session.RunAsync(
            async (step, work) =>
            {
                step.Report(work.With(5));
                _time.Advance(every);
                fixture.Advance(TimeSpan.FromMinutes(6));
                while ((await session.LatestAsync<Work>(Cancel))!.Summary.Trigger != CheckpointTrigger.SignificantTimePassed)
                {
                    // A tick at a time when the session still throttled it has saved nothing.
                    _time.Advance(every);
                }

                return step.Finish(work.With(6));
            },
            Options with { SaveEvery = every },
            Cancel);

        var saved = await SavedAsync(session);
        Assert.Equal(("In step 1, by time", (int)CheckpointTrigger.SignificantTimePassed, 0), saved[1]);
        Assert.Equal(3, saved.Count);
        Assert.Empty(_failed);
    }

    [Fact]
    public async Task Run_OfAClaimThatIsTakenOver_CancelsTheStepAndSavesNothingMore()
    {
        var session = Session();
        var lease = TimeSpan.FromSeconds(30);
        var count = 0;

        var error = await Assert.ThrowsAsync<ClaimSupersededException>(() => session.RunAsync(
            async (step, work) =>
            {
                await session.ClaimAsync("second", cancellationToken: Cancel);
                count = (await SavedAsync(session)).Count;
                var cancelled = new TaskCompletionSource();
                using var registration = step.Cancel.Register(cancelled.SetResult);
                _time.Advance(lease / 3);
                await cancelled.Task.WaitAsync(Cancel);
                throw new InvalidOperationException("what a step makes of it");
            },
            Options with { Claim = new LoopClaim("first", lease) },
            Cancel));

        Assert.Equal(("second", 2), (error.Owner, error.Epoch));
        Assert.Equal(count, (await SavedAsync(session)).Count);
    }

    [Fact]
    public async Task Run_WithAClaim_HoldsItAndReleasesItAtTheEnd()
    {
        var session = Session();
        string? owner = null;

        await session.RunAsync(
            async (step, work) =>
            {
                owner = (await session.GetClaimAsync(Cancel))!.Owner;
                await Assert.ThrowsAsync<SessionClaimedException>(() => session.CheckpointAsync(1, "of another", cancellationToken: Cancel));
                await Assert.ThrowsAsync<SessionClaimedException>(() => session.RunAsync(
                    StepsUntil(1), Options with { Claim = new LoopClaim("second", TimeSpan.FromMinutes(1), IfFree: true) }, Cancel));
                return step.Finish(work);
            },
            Options with { Claim = new LoopClaim("first", TimeSpan.FromMinutes(1)) },
            Cancel);

        Assert.Equal("first", owner);
        Assert.Null((await session.GetClaimAsync(Cancel))!.Owner);
        await session.CheckpointAsync(1, "of another", cancellationToken: Cancel);
    }

    [Fact]
    public async Task Run_OfASessionThatWasRestored_GoesOnWithTheNumberOfThatState()
    {
        var session = Session();
        await session.RunAsync(StepsUntil(3), Options, Cancel);
        await session.RestoreAsync(2, cancellationToken: Cancel);

        var again = await session.RunAsync(StepsUntil(3), Options with { MaxSteps = 1 }, Cancel);

        Assert.Equal((2, false), (again.Steps, again.IsFinished));
        Assert.Equal([1, 2], again.State.Done);
    }

    [Fact]
    public async Task Run_BehindACheckpointMadeByHand_KeepsTheNumber()
    {
        var session = Session();
        await session.RunAsync(StepsUntil(3), Options with { MaxSteps = 2 }, Cancel);
        await session.CheckpointAsync(new Work([8]), "by hand", cancellationToken: Cancel);

        var again = await session.RunAsync(StepsUntil(3), Options, Cancel);

        Assert.Equal((3, true), (again.Steps, again.IsFinished));
        Assert.Equal([8, 3], again.State.Done);
    }

    [Fact]
    public async Task Run_OnABranch_LeavesMainAlone()
    {
        var session = Session();
        await session.RunAsync(StepsUntil(1), Options, Cancel);

        await session.OnBranch("other").RunAsync(StepsUntil(2), Options, Cancel);

        var (main, other) = (await session.CurrentAsync<Work>(Cancel), await session.OnBranch("other").CurrentAsync<Work>(Cancel));
        Assert.Equal([1], main!.State.Done);
        Assert.Equal([1, 2], other!.State.Done);
    }

    [Theory]
    [InlineData(0, null, "saveEvery")]
    [InlineData(null, 0L, "maxSteps")]
    public async Task Run_OptionOutOfBounds_IsRefusedByName(int? saveEvery, long? maxSteps, string field)
    {
        var options = Options with { SaveEvery = saveEvery is { } s ? TimeSpan.FromSeconds(s) : null, MaxSteps = maxSteps };

        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => Session().RunAsync(StepsUntil(1), options, Cancel));

        Assert.Equal(field, error.Field);
    }

    private static Func<AgentStep<Work>, Work, Task<StepEnd<Work>>> StepsUntil(int last) => (step, work) =>
        Task.FromResult(step.Number == last ? step.Finish(work.With((int)step.Number)) : step.Next(work.With((int)step.Number)));

    private SessionHandle Session()
    {
        // The clock is moved on while calls are under way, which must not time out by that.
        var options = new ForgeClientOptions();
        (options.Retry.AttemptTimeout, options.Retry.Deadline) = (TimeSpan.FromDays(1), TimeSpan.FromDays(1));
        return new ForgeClient(fixture.Cluster.Grains, Microsoft.Extensions.Options.Options.Create(options), _time).Session(Make.Id());
    }

    /// <summary>Message, trigger and number of steps of each checkpoint, oldest first. A manual one of a loop has its number of steps for a trigger.</summary>
    private static async Task<List<(string Message, int Trigger, int Steps)>> SavedAsync(SessionHandle session)
    {
        List<(string, int, int)> saved = [];
        await foreach (var summary in session.ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst }, Cancel))
        {
            var steps = (int)LoopTags.StepsOf(summary.Tags)!.Value;
            saved.Add((summary.Message, summary.Trigger == CheckpointTrigger.Manual ? steps : (int)summary.Trigger, steps));
        }

        return saved;
    }

    private sealed record Work(int[] Done)
    {
        public Work With(int step) => new([.. Done, step]);
    }
}

public sealed class SqliteAgentLoopContract(SqliteRetentionFixture fixture)
    : AgentLoopContract(fixture), IClassFixture<SqliteRetentionFixture>;

public sealed class PostgreSqlAgentLoopContract(PostgreSqlRetentionFixture fixture)
    : AgentLoopContract(fixture), IClassFixture<PostgreSqlRetentionFixture>;
