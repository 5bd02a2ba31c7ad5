using Forge.Checkpoints;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.History.Rows;
using Forge.Integrity;
using Forge.Schedules;
using Forge.Sessions;

namespace Forge.Grains.Tests.Schedules;

/// <summary>What becomes of schedules as sessions end, are cleared, forked, exported and brought back.</summary>
public abstract partial class ScheduleContract
{
    [Fact]
    public async Task Sweep_SessionThatWasDeleted_HasNothingDueAndNoWork()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var observer = await ObserveAsync(session);
        var key = await fixture.KeyAsync(session);
        await session.DeleteSessionAsync();

        await SweepAfterAsync(Period + Moment, observer);

        Assert.Empty(observer.Told());
        Assert.Null(await fixture.Store.Upkeep.FindDueWorkAsync(DueWorkKind.Remind, key, Cancel));
        await session.RunAsync(new ReviveSession(), Cancel);
        Assert.Null((await session.GetInfoAsync())!.Settings.Schedule);
    }

    [Fact]
    public async Task Sweep_SessionThatWasErasedWhileAStateWasDue_IsPassedOver()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var key = await fixture.KeyAsync(session);
        await SweepAfterAsync(Period + Moment);
        Assert.Equal(ErasureStatus.Erased, await session.EraseSessionAsync(Cancel));

        await SweepAfterAsync(Within + Moment);

        Assert.Null(await fixture.Store.Upkeep.FindDueWorkAsync(DueWorkKind.Remind, key, Cancel));
        Assert.Equal(0, await fixture.CountAsync("events", key));
    }

    [Fact]
    public async Task Clear_WhileAStateIsDue_IsNoAnswer()
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        await SweepAfterAsync(Period + Moment);

        await session.RunAsync(new ClearSession(), Cancel);
        await SweepAfterAsync(Within + Moment);

        Assert.Single(await MissedAsync(session));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Fork_OfASessionWithASchedule_HasItAndAPeriodOfItsOwn(bool withHistory)
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        fixture.Advance(Period / 2);
        var fork = Forge.Session(Make.Id());
        await fork.RunAsync(new ForkSession(Identity.SessionAddress.ParseGrainKey(session.GetPrimaryKeyString()).Session, 1, withHistory), Cancel);
        var observer = await ObserveAsync(fork);

        await SweepAfterAsync((Period / 2) + Moment, observer);
        Assert.Empty(observer.Told());
        await SweepAfterAsync(Period / 2, observer);

        Assert.Single(observer.Told());
        Assert.Equal(EveryPeriod, (await fork.GetInfoAsync())!.Settings.Schedule);
        Assert.True((await fork.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Import_OfASessionWithASchedule_BeginsItThen()
    {
        var session = await StartAsync(new CheckpointSchedule { Every = Period, OnError = true, AnswerWithin = TimeSpan.FromSeconds(7) });
        await session.CreateAsync();
        await SweepAfterAsync(Period + Moment);
        await SweepAfterAsync(Within + Moment);
        Assert.Single(await MissedAsync(session));
        var document = await session.ExportAllAsync();
        fixture.Advance(TimeSpan.FromDays(2));

        var copy = Forge.Session(Make.Id());
        await copy.ImportAllAsync(document);
        var observer = await ObserveAsync(copy);
        await Forge.SweepAsync();
        Assert.Empty(observer.Told());
        await SweepAfterAsync(Period + Moment, observer);

        Assert.Equal((await session.GetInfoAsync())!.Settings.Schedule, (await copy.GetInfoAsync())!.Settings.Schedule);
        Assert.Equal((CheckpointTrigger.Scheduled, 1L), Assert.Single(observer.Told().Select(due => (due.Trigger, due.LastSequence))));
        Assert.True((await copy.VerifyOnceAsync()).IsIntact);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Import_IntoASessionWhoseStateIsDue_IsAnAnswerIfItBringsACheckpoint(bool brings)
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        var first = await session.ExportAllAsync();
        await session.CreateAsync();
        var second = await session.ExportAllAsync();
        var copy = Forge.Session(Make.Id());
        await copy.ImportAllAsync(first);
        await SweepAfterAsync(Period + Moment);

        await copy.ImportAllAsync(brings ? second : first);
        await SweepAfterAsync(Within + Moment);
        await SweepAfterAsync(Within + Moment);

        Assert.Equal(brings ? 0 : 1, (await MissedAsync(copy)).Count);
    }

    [Theory]
    [InlineData("due_state = NULL")]
    [InlineData("due_state = '{}'")]
    [InlineData("due_state = replace(due_state, '\"told\":0', '\"told\":1')")]
    public async Task Verify_OfATamperedDueState_FindsItInTheHead(string change)
    {
        var session = await StartAsync(EveryPeriod);
        await session.CreateAsync();
        await SweepAfterAsync(Period + Moment);
        await session.CreateAsync();
        Assert.True((await session.VerifyOnceAsync()).IsIntact);

        await fixture.ExecuteAsync($"UPDATE sessions SET {change} WHERE session_key = {await fixture.KeyAsync(session)}");

        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d.Kind == DamageKind.Head);
    }
}
