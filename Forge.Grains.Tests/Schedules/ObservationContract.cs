using System.Threading.Channels;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Client.Loops;
using Forge.Events;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.Schedules;
using Forge.Sessions;
using Microsoft.Extensions.Time.Testing;

namespace Forge.Grains.Tests.Schedules;

/// <summary>What the client library makes of due states, on each database.</summary>
public abstract class ObservationContract(RetentionFixture fixture)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Observe_StatesThatComeDue_AreAnsweredByTheAgent()
    {
        var session = await StartAsync();
        var called = Channel.CreateUnbounded<StateDue>();
        fixture.Advance(Period + Moment);
        await using var observation = await session.ObserveAsync(async (due, cancel) =>
        {
            await session.CheckpointAsync("state", "as it was due", options: new CheckpointOptions { Trigger = due.Trigger }, cancellationToken: cancel);
            called.Writer.TryWrite(due);
        });

        await fixture.Cluster.SweepAsync();

        var told = await called.Reader.ReadAsync(Cancel);
        var saved = (await session.ListAsync(cancellationToken: Cancel).ToListAsync(Cancel))[0];
        Assert.Equal((1L, 2L, CheckpointTrigger.Scheduled), (told.LastSequence, saved.Sequence, saved.Trigger));
        await fixture.SweepAfterAsync(CheckpointSchedule.DefaultAnswerWithin + Moment);
        Assert.DoesNotContain((await session.EventsAsync(cancellationToken: Cancel)).Items, e => e.Kind == LogEventKind.CheckpointMissed);
    }

    [Fact]
    public async Task Observe_ActivationThatEnded_IsAskedAgainAndTellsOnce()
    {
        var session = await StartAsync();
        var called = Channel.CreateUnbounded<StateDue>();
        await using var observation = await session.ObserveAsync((due, _) =>
        {
            called.Writer.TryWrite(due);
            return Task.CompletedTask;
        });
        await fixture.Cluster.EndActivationsAsync();
        await fixture.SweepAfterAsync(Period + Moment);
        Assert.False(called.Reader.TryRead(out _));

        _time.Advance(DueStates.Renewal);

        Assert.Equal(CheckpointTrigger.Scheduled, (await called.Reader.ReadAsync(Cancel)).Trigger);
        await fixture.Cluster.EndActivationsAsync();
        _time.Advance(DueStates.Renewal);
        await observation.DisposeAsync();
        Assert.False(called.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Observe_AgentThatThrows_IsReportedAndCalledAgain()
    {
        var session = await StartAsync();
        var (failed, calls) = (Channel.CreateUnbounded<Exception>(), 0);
        fixture.Advance(Period + Moment);
        await using var observation = await session.ObserveAsync(
            (_, _) => throw new InvalidOperationException($"{++calls}"), error => failed.Writer.TryWrite(error));

        await fixture.Cluster.SweepAsync();
        Assert.Equal("1", (await failed.Reader.ReadAsync(Cancel)).Message);
        await session.CheckpointAsync("x", "own", cancellationToken: Cancel);

        // The session forgot who was silent for as long as that; who asks again is told of what came due meanwhile.
        await fixture.SweepAfterAsync(Period + Moment);
        _time.Advance(DueStates.Renewal);

        Assert.Equal("2", (await failed.Reader.ReadAsync(Cancel)).Message);
    }

    [Fact]
    public async Task Dispose_AgentFailsAsItIsCancelled_EndsAllTheSame()
    {
        var session = await StartAsync();
        var (called, failed) = (new TaskCompletionSource(), 0);
        fixture.Advance(Period + Moment);
        var observation = await session.ObserveAsync(
            async (_, token) =>
            {
                var cancelled = new TaskCompletionSource();
                await using var registration = token.Register(cancelled.SetResult);
                called.SetResult();
                await cancelled.Task;
                throw new IOException("the connection is gone");
            },
            _ => failed++);
        await fixture.Cluster.SweepAsync();
        await called.Task;

        await observation.DisposeAsync();

        // Nobody is told any more: the state that is due next is missed with nobody there.
        await session.CheckpointAsync("x", "own", cancellationToken: Cancel);
        await fixture.SweepAfterAsync(Period + Moment);
        await fixture.SweepAfterAsync(CheckpointSchedule.DefaultAnswerWithin + Moment);
        var missed = (await session.EventsAsync(cancellationToken: Cancel)).Items.Where(e => e.Kind == LogEventKind.CheckpointMissed);
        Assert.Equal((0, 0), (Assert.Single(missed).Told, failed));
    }

    [Fact]
    public async Task Run_ThatAnswersWhatIsDue_SavesTheNewestStateInTheMidstOfAStep()
    {
        var session = await StartAsync();
        var (inStep, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var running = session.RunAsync<string>(
            async (step, state) =>
            {
                step.Report("reported");
                inStep.SetResult();
                await goOn.Task;
                return step.Finish("done");
            },
            new LoopOptions<string> { Start = () => "first", SaveEvery = null, AnswersDue = true },
            Cancel);
        await inStep.Task;
        var events = session.WatchAsync((await session.InfoAsync(Cancel))!.LastPosition, Cancel).GetAsyncEnumerator(Cancel);
        await fixture.SweepAfterAsync(Period + Moment);
        _time.Advance(DueStates.Renewal);

        Assert.True(await events.MoveNextAsync());
        Assert.Equal(
            (CheckpointTrigger.Scheduled, "In step 1, as it was due"), (events.Current.Trigger, events.Current.Message));
        Assert.Equal("\"reported\"", System.Text.Encoding.UTF8.GetString((await session.GetAsync(CheckpointReference.Latest, Cancel))!.State.Span));
        goOn.SetResult();
        await running;
        await events.DisposeAsync();
    }

    private async Task<SessionHandle> StartAsync()
    {
        // The clock is moved on while calls are under way, which must not time out by that.
        var options = new ForgeClientOptions();
        (options.Retry.AttemptTimeout, options.Retry.Deadline) = (TimeSpan.FromDays(1), TimeSpan.FromDays(1));
        var session = new ForgeClient(fixture.Cluster.Grains, Microsoft.Extensions.Options.Options.Create(options), _time).Session(Make.Id());
        await session.SetSettingsAsync(new SessionSettings { Schedule = new CheckpointSchedule { Every = Period } }, cancellationToken: Cancel);
        await session.CheckpointAsync("state", "first", cancellationToken: Cancel);
        return session;
    }
}

public sealed class SqliteObservationContract(SqliteRetentionFixture fixture)
    : ObservationContract(fixture), IClassFixture<SqliteRetentionFixture>;

public sealed class PostgreSqlObservationContract(PostgreSqlRetentionFixture fixture)
    : ObservationContract(fixture), IClassFixture<PostgreSqlRetentionFixture>;
