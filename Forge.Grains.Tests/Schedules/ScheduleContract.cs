using Forge.Checkpoints;
using Forge.Effects;
using Forge.Errors;
using Forge.Events;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.Effects;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Tests.Streams;
using Forge.History.Rows;
using Forge.Schedules;
using Forge.Sessions;

namespace Forge.Grains.Tests.Schedules;

/// <summary>What schedules promise, on each database, of which the cluster's has two silos.</summary>
public abstract partial class ScheduleContract(RetentionFixture fixture)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Within = CheckpointSchedule.DefaultAnswerWithin;
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private ForgeCluster Forge => fixture.Cluster;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static CheckpointSchedule EveryPeriod => new() { Every = Period };

    [Fact]
    public async Task Sweep_APeriodBehindTheNewestCheckpoint_TellsThoseWhoObserve()
    {
        var session = await StartAsync(EveryPeriod);
        var created = await session.CreateAsync();
        var (first, second) = (await ObserveAsync(session), await ObserveAsync(session));

        await SweepAfterAsync(Period - Moment, first, second);
        Assert.Empty(first.Told());
        await SweepAfterAsync(Moment + Moment, first, second);

        var due = Assert.Single(first.Told());
        Assert.Equal(
            (CheckpointTrigger.Scheduled, created.CreatedAt + Period, 1L, session.GetPrimaryKeyString()),
            (due.Trigger, due.Since, due.LastSequence, new Identity.SessionAddress(due.Tenant, due.Session).ToGrainKey()));
        Assert.InRange(due.AnswerBy, due.Since + Within, fixture.Time.GetUtcNow() + Within);
        Assert.Equal(due, Assert.Single(second.Told()));
    }

    [Fact]
    public async Task Sweep_SessionWithoutACheckpoint_CountsFromWhenTheScheduleWasSet()
    {
        var set = fixture.Time.GetUtcNow();
        var session = await StartAsync(EveryPeriod);
        var observer = await ObserveAsync(session);

        await SweepAfterAsync(Period + Moment, observer);

        Assert.InRange(Assert.Single(observer.Told()).Since, set + Period - Moment, set + Period + Moment);
    }

    [Fact]
    public async Task Sweep_ASaveOfTheAgentsOwnInBetween_PutsItOff()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var observer = await ObserveAsync(session);
        fixture.Advance(Period / 2);
        var own = await session.CreateAsync(Make.Checkpoint("own") with { Branch = "side" });

        await SweepAfterAsync((Period / 2) + Moment, observer);
        Assert.Empty(observer.Told());
        await SweepAfterAsync(Period / 2, observer);

        Assert.Equal(own.Checkpoint!.CreatedAt + Period, Assert.Single(observer.Told()).Since);
    }

    [Fact]
    public async Task Create_InASessionWithASchedule_NotesNoWork()
    {
        var session = await StartAsync(EveryPeriod);
        var noted = await FindAsync(session);
        for (var i = 0; i < 20; i++)
        {
            await session.CreateAsync($"{i}");
        }

        Assert.Equal(noted, await FindAsync(session));
    }

    [Fact]
    public async Task Sweep_WhoWasToldSaved_NothingIsMissedAndThePeriodBeginsAnew()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var observer = await ObserveAsync(session);
        await SweepAfterAsync(Period + Moment, observer);
        Assert.Single(observer.Told());
        var answer = await session.CreateAsync(Make.Checkpoint("answer") with { Trigger = CheckpointTrigger.Scheduled });

        await SweepAfterAsync(Within + Moment, observer);
        Assert.Empty(observer.Told());
        await SweepAfterAsync(Period, observer);

        Assert.Equal(answer.Checkpoint!.CreatedAt + Period, Assert.Single(observer.Told()).Since);
        Assert.Empty(await MissedAsync(session));
    }

    [Fact]
    public async Task Sweep_WhoWasToldSavedNothing_RecordsOneMissAndComesAgainAPeriodLater()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var observer = await ObserveAsync(session);
        await SweepAfterAsync(Period + Moment, observer);
        var due = Assert.Single(observer.Told());

        await SweepAfterAsync(Within + Moment, observer);
        await SweepAfterAsync(Moment, observer);
        await SweepAfterAsync(Within, observer);

        var missed = Assert.Single(await MissedAsync(session));
        Assert.Equal((CheckpointTrigger.Scheduled, due.Since, 1), (missed.Trigger, missed.DueSince, missed.Told));
        Assert.Null(missed.Sequence);
        await SweepAfterAsync(Period, observer);
        Assert.Equal(missed.At + Period, Assert.Single(observer.Told()).Since);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Sweep_NobodyObserves_RecordsAMissThatSaysSo()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();

        await SweepAfterAsync(Period + Moment);
        Assert.Empty(await MissedAsync(session));
        await SweepAfterAsync(Within + Moment);

        Assert.Equal(0, Assert.Single(await MissedAsync(session)).Told);
    }

    [Fact]
    public async Task Sweep_ObserverThatIsDead_HoldsUpNobodyAndWasNotTold()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var hangs = new TaskCompletionSource();
        var dead = await WaitingObserver.ObserveAsync(Forge.Grains, session, hangs.Task);
        var gone = await ObserveAsync(session);
        await session.EndObservationAsync(gone.Reference);

        await SweepAfterAsync(Period + Moment, dead);
        await SweepAfterAsync(Within + Moment);

        Assert.Equal(0, Assert.Single(await MissedAsync(session)).Told);
        Assert.Single(dead.Told());
        Assert.Empty(gone.Told());
        hangs.SetResult();
    }

    [Fact]
    public async Task Sweep_AfterADeactivation_TellsWhoAskedAgain()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var observer = await ObserveAsync(session);
        await Forge.EndActivationsAsync();

        // The work is there, and nobody to tell; who comes late is told at once, and has the whole time.
        await SweepAfterAsync(Period + Moment);
        Assert.Empty(observer.Told());
        fixture.Advance(Within / 2);
        await observer.RenewAsync();
        var due = Assert.Single(observer.Told());
        Assert.True(due.AnswerBy > fixture.Time.GetUtcNow() + Within - Moment);
        await observer.RenewAsync();
        Assert.Empty(observer.Told());

        await SweepAfterAsync((Within / 2) + Moment);
        Assert.Empty(await MissedAsync(session));
        await Forge.EndActivationsAsync();
        await SweepAfterAsync(Within / 2);
        Assert.Equal((due.Since, 1), (Assert.Single(await MissedAsync(session)).DueSince, (await MissedAsync(session))[0].Told));
    }

    [Fact]
    public async Task Sweep_WorkOfASiloThatDied_IsDoneByAnotherWhenItsLeaseIsUp()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        fixture.Advance(Period + Moment);
        var lease = TimeSpan.FromMinutes(1);
        while (await fixture.Store.Upkeep.ClaimDueWorkAsync(
            DueWorkKind.Remind, "dead", fixture.Time.GetUtcNow(), fixture.Time.GetUtcNow() + TimeSpan.FromDays(9), lease, Cancel) is not null)
        {
            // All that is due is that silo's.
        }

        var observer = await ObserveAsync(session);
        await Forge.SweepAsync();
        Assert.Empty(observer.Told());
        await SweepAfterAsync(lease - Moment);
        Assert.Empty(observer.Told());

        fixture.Advance(Moment + Moment);
        await observer.RenewAsync();
        await Forge.SweepAsync(Forge.Cluster.Silos.Count - 1);
        Assert.Single(observer.Told());
    }

    [Fact]
    public async Task Remind_ManyAtOnceAndAgain_RecordsOneMiss()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        await SweepAfterAsync(Period + Moment);
        fixture.Advance(Within + Moment);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => session.RunAsync(new Remind(), Cancel)));
        await Forge.EndActivationsAsync();
        await session.RunAsync(new Remind(), Cancel);

        Assert.Single(await MissedAsync(session));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sweep_EffectThatWasCompleted_IsDueIfTheScheduleSaysSo(bool onToolCall)
    {
        var session = await StartAsync(new CheckpointSchedule { OnToolCall = onToolCall, OnError = !onToolCall });
        await session.CreateAsync();
        var observer = await ObserveAsync(session);
        await session.BeginAsync("k");
        await session.RunAsync(new CompleteEffect("k", 1, default), Cancel);

        await SweepAfterAsync(Moment, observer);

        Assert.Equal(
            onToolCall ? [(CheckpointTrigger.ToolCall, 1L)] : [], observer.Told().Select(due => (due.Trigger, due.LastSequence)));
    }

    [Fact]
    public async Task Sweep_EffectThatFailed_IsDueAndMissedOnce()
    {
        var session = await StartAsync(new CheckpointSchedule { OnError = true, AnswerWithin = TimeSpan.FromSeconds(10) });
        var observer = await ObserveAsync(session);
        await session.BeginAsync("k");
        await session.BeginAsync("other");
        await session.RunAsync(new FailEffect("k", 1, "refused"), Cancel);
        await SweepAfterAsync(Moment, observer);
        Assert.Equal(CheckpointTrigger.Error, Assert.Single(observer.Told()).Trigger);

        // What is due already is due once, whatever fails behind it.
        await session.RunAsync(new FailEffect("other", 1, "refused"), Cancel);
        await SweepAfterAsync(Moment, observer);
        await SweepAfterAsync(TimeSpan.FromSeconds(10), observer);

        Assert.Equal(
            (CheckpointTrigger.Error, 1), (Assert.Single(await MissedAsync(session)).Trigger, (await MissedAsync(session))[0].Told));
        Assert.Null(await FindAsync(session));
    }

    [Fact]
    public async Task Sweep_SaveBetweenTheToolCallAndTheSweep_IsTheAnswer()
    {
        var session = await StartAsync(new CheckpointSchedule { OnToolCall = true });
        var observer = await ObserveAsync(session);
        await session.BeginAsync("k");
        await session.RunAsync(new CompleteEffect("k", 1, default), Cancel);
        await session.CreateAsync();

        await SweepAfterAsync(Moment, observer);

        Assert.Empty(observer.Told());
        Assert.Null(await FindAsync(session));
    }

    [Fact]
    public async Task SetSettings_ScheduleTakenAway_NothingIsDueAnyMore()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var observer = await ObserveAsync(session);
        await SweepAfterAsync(Period + Moment, observer);
        Assert.Single(observer.Told());

        await session.SetSettingsAsync(new SessionSettings());
        await SweepAfterAsync(Within + Moment, observer);

        Assert.Null(await FindAsync(session));
        Assert.Empty(await MissedAsync(session));
    }

    [Fact]
    public async Task SetSettings_OtherLabelsAlone_LeavesWhatIsDue()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        await SweepAfterAsync(Period + Moment);

        await session.SetSettingsAsync(new SessionSettings { Schedule = EveryPeriod, Labels = new Dictionary<string, string> { ["a"] = "b" } });
        await SweepAfterAsync(Within + Moment);

        Assert.Single(await MissedAsync(session));
    }

    [Fact]
    public async Task Observe_TheHundredAndFirst_IsRefusedUntilOneGoes()
    {
        var session = Forge.Session(Make.Id());
        List<WaitingObserver> all = [];
        for (var i = 0; i < 100; i++)
        {
            all.Add(await ObserveAsync(session));
        }

        var refused = await Assert.ThrowsAsync<OverLimitException>(() => ObserveAsync(session));
        Assert.Equal(("observers", 100L), (refused.Field, refused.Limit));
        await all[0].RenewAsync();
        fixture.Advance(TimeSpan.FromMinutes(2));
        await ObserveAsync(session);
        GC.KeepAlive(all);
    }

    private Task<WaitingObserver> ObserveAsync(ISessionGrain session) => WaitingObserver.ObserveAsync(Forge.Grains, session);

    /// <summary>Lets time pass, in which observers that live renew, and has one silo do what is due then.</summary>
    private async Task SweepAfterAsync(TimeSpan time, params WaitingObserver[] observers)
    {
        fixture.Advance(time);
        foreach (var observer in observers)
        {
            await observer.RenewAsync();
        }

        await Forge.SweepAsync();
    }

    private async Task<ISessionGrain> StartAsync(CheckpointSchedule schedule)
    {
        var session = Forge.Session(Make.Id());
        await session.SetSettingsAsync(new SessionSettings { Schedule = schedule });
        return session;
    }

    private async Task<DueWork?> FindAsync(ISessionGrain session) =>
        await fixture.Store.Upkeep.FindDueWorkAsync(DueWorkKind.Remind, await fixture.KeyAsync(session), Cancel);

    private static async Task<List<LogEvent>> MissedAsync(ISessionGrain session) =>
        [.. (await session.EventsAsync()).Where(e => e.Kind == LogEventKind.CheckpointMissed)];
}

public sealed class SqliteScheduleContract(SqliteRetentionFixture fixture)
    : ScheduleContract(fixture), IClassFixture<SqliteRetentionFixture>;

public sealed class PostgreSqlScheduleContract(PostgreSqlRetentionFixture fixture)
    : ScheduleContract(fixture), IClassFixture<PostgreSqlRetentionFixture>;
