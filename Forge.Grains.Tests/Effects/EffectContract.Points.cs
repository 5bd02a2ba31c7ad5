using System.Text;
using Forge.Checkpoints;
using Forge.Effects;
using Forge.Errors;
using Forge.Events;
using Forge.Grains.Tests.Sessions;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Effects;

public abstract partial class EffectContract
{
    [Fact]
    public async Task Restore_ToAPoint_TellsWhatWasBegunSince()
    {
        var session = await PointsAsync(Make.Id());

        var restored = await session.RunAsync(new RestoreCheckpoint(2), Cancel);
        var dry = await session.RunAsync(new RestoreCheckpoint(1, DryRun: true), Cancel);

        Assert.Equal(["after-2", "running"], restored.EffectsAfter.Items.Select(e => e.Key));
        Assert.Equal((2L, false), (restored.EffectsAfter.Count, restored.EffectsAfter.More));
        Assert.Equal(
            [(EffectClass.Write, EffectStatus.Completed), (EffectClass.Read, EffectStatus.Running)],
            restored.EffectsAfter.Items.Select(e => (e.Class, e.Status)));
        Assert.Equal(["after-1", "after-2", "running"], dry.EffectsAfter.Items.Select(e => e.Key));
    }

    [Fact]
    public async Task Restore_ThatRefusesEffects_IsRefusedUntilEachIsAcknowledged()
    {
        var session = await PointsAsync(Make.Id());
        var refuse = new RestoreCheckpoint(2) { Effects = EffectsRule.Refuse };

        var both = await Assert.ThrowsAsync<EffectsAfterException>(() => session.RunAsync(refuse, Cancel));
        var one = await Assert.ThrowsAsync<EffectsAfterException>(
            () => session.RunAsync(refuse with { Acknowledge = ["running", "other"] }, Cancel));
        var restored = await session.RunAsync(refuse with { Acknowledge = ["running", "after-2"] }, Cancel);

        Assert.Equal((2L, 1L), (both.Unacknowledged.Count, one.Unacknowledged.Count));
        Assert.Equal("after-2", Assert.Single(one.Unacknowledged.Items).Key);
        Assert.Equal(2, restored.EffectsAfter.Count);
        Assert.Equal(2, (await session.GetAsync(CheckpointReference.Current))!.Summary.Sequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_OfAPoint_SeesWhatWasBegunBeforeItAlsoOnceTheOriginIsGone(bool withHistory)
    {
        var (name, made) = (Make.Id(), Make.Id("fork"));
        var origin = await PointsAsync(name);
        await origin.ConsumeAsync("token");

        var result = await Forge.Session(made).RunAsync(new ForkSession(SessionId.Parse(name), 2, withHistory), Cancel);
        await origin.RunAsync(new EraseSession(), Cancel);

        Assert.Equal(["after-2", "running", "token"], result.EffectsAfter.Items.Select(e => e.Key));
        var fork = Forge.Session(made);
        var before = await fork.BeginAsync("before");
        Assert.Equal((false, "\"b\""), (before.Begun, Encoding.UTF8.GetString(before.Effect.Result.Span)));
        Assert.False((await fork.BeginAsync("after-1")).Begun);
        Assert.True((await fork.BeginAsync("after-2")).Begun);
        Assert.False(await fork.ConsumeAsync("token"));
        Assert.True((await fork.VerifyOnceAsync()).IsIntact);
        var first = (await fork.AllAsync())[^1].Sequence;
        Assert.Equal(
            ["after-2"], (await fork.RunAsync(new RestoreCheckpoint(first), Cancel)).EffectsAfter.Items.Select(e => e.Key));
    }

    [Fact]
    public async Task Fork_ThatRefusesEffects_IsRefusedUntilEachIsAcknowledged()
    {
        var (name, made) = (Make.Id(), Make.Id("fork"));
        await PointsAsync(name);
        var fork = new ForkSession(SessionId.Parse(name), 2) { Effects = EffectsRule.Refuse };

        var refusal = await Assert.ThrowsAsync<EffectsAfterException>(() => Forge.Session(made).RunAsync(fork, Cancel));
        await Assert.ThrowsAsync<EffectsAfterException>(() => Forge.Session(made).RunAsync(fork with { DryRun = true }, Cancel));

        Assert.Equal((name, 2L), (refusal.Session.Session.Value, refusal.Unacknowledged.Count));
        Assert.Null(await Forge.Session(made).GetInfoAsync());
        await Forge.Session(made).RunAsync(fork with { Acknowledge = ["running", "after-2"] }, Cancel);
        Assert.NotNull(await Forge.Session(made).GetInfoAsync());
    }

    [Fact]
    public async Task RestoreAndFork_Repeated_AnswerWhatTheyToldFirst()
    {
        var (name, made) = (Make.Id(), Make.Id("fork"));
        var session = await PointsAsync(name);
        var restore = new RestoreCheckpoint(2) { Request = new ChangeRequest(Guid.NewGuid(), FirstAttempt: false) };
        var fork = new ForkSession(SessionId.Parse(name), 2) { Request = new ChangeRequest(Guid.NewGuid(), FirstAttempt: false) };
        var (restored, forked) = (await session.RunAsync(restore, Cancel), await Forge.Session(made).RunAsync(fork, Cancel));
        await session.BeginAsync("later");

        foreach (var (first, again) in new[]
        {
            (restored.EffectsAfter, (await session.RunAsync(restore, Cancel)).EffectsAfter),
            (forked.EffectsAfter, (await Forge.Session(made).RunAsync(fork, Cancel)).EffectsAfter),
        })
        {
            Assert.Equal((2L, 2L), (first.Count, again.Count));
            Assert.Equal(first.Items, again.Items);
        }
    }

    [Fact]
    public async Task Import_OfAKeyThatIsThereWithAnotherRequest_IsRefusedAndChangesNothing()
    {
        var (name, other) = (Make.Id(), Make.Id("other"));
        await PointsAsync(name);
        await Forge.Session(other).RunAsync(new BeginEffect("before", EffectClass.Write, "another"), Cancel);

        var refusal = await Assert.ThrowsAsync<ImportRejectedException>(
            async () => await Forge.Session(other).ImportAllAsync(await Forge.Session(name).ExportAllAsync()));

        Assert.Contains("before", refusal.Problem, StringComparison.Ordinal);
        Assert.Equal(["before"], (await Forge.Session(other).RunAsync(new ListEffects(), Cancel)).Items.Select(e => e.Key));
        Assert.Empty(await Forge.Session(other).AllAsync());
    }

    [Fact]
    public async Task Token_ConsumedOnce_StaysConsumedAfterRestoreForkImportClearAndRevival()
    {
        var (name, copy) = (Make.Id(), Make.Id("copy"));
        var session = Forge.Session(name);
        await session.CreateAsync("1");
        Assert.True(await session.ConsumeAsync("token"));
        Assert.False(await session.ConsumeAsync("token"));
        await session.CreateAsync("2");

        await session.RunAsync(new RestoreCheckpoint(1), Cancel);
        Assert.False(await session.ConsumeAsync("token"));
        await Forge.Session(Make.Id("fork")).RunAsync(new ForkSession(SessionId.Parse(name), 1), Cancel);
        await Forge.Session(copy).ImportAllAsync(await session.ExportAllAsync());
        Assert.False(await Forge.Session(copy).ConsumeAsync("token"));
        await session.RunAsync(new ClearSession(), Cancel);
        Assert.False(await session.ConsumeAsync("token"));
        Assert.Equal(ErasureStatus.Erased, await session.RunAsync(new EraseSession(), Cancel));
        await session.RunAsync(new ReviveSession(), Cancel);
        Assert.False(await session.ConsumeAsync("token"));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
        await Assert.ThrowsAsync<EffectSettledException>(() => session.ResolveAsync("token", 1, EffectVerdict.Retry));
        await Assert.ThrowsAsync<EffectSettledException>(() => session.RunAsync(new FailEffect("token", 1, "no"), Cancel));
    }

    [Fact]
    public async Task Revive_OfASessionWithEffects_HasNoneButItsTokens()
    {
        var session = await PointsAsync(Make.Id());
        await session.ConsumeAsync("token");
        Assert.Equal(ErasureStatus.Erased, await session.RunAsync(new EraseSession(), Cancel));
        await session.RunAsync(new ReviveSession(), Cancel);

        Assert.Equal(["token"], (await session.RunAsync(new ListEffects(), Cancel)).Items.Select(e => e.Key));
        Assert.True((await session.BeginAsync("before")).Begun);
    }

    [Fact]
    public async Task Events_OfAnEffect_TellEachStepInTheChain()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        fixture.Advance(Lease);
        await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        await session.BeginAsync("k");
        await Assert.ThrowsAsync<EffectSupersededException>(() => session.RunAsync(new CompleteEffect("k", 1, "1"u8.ToArray()), Cancel));
        await session.RunAsync(new CompleteEffect("k", 2, "2"u8.ToArray()), Cancel);
        await session.BeginAsync("other");
        await session.RunAsync(new FailEffect("other", 1, "no"), Cancel);

        var events = (await session.RunAsync(new ListEvents(), Cancel)).Items;

        Assert.Equal(
            [
                LogEventKind.EffectBegun, LogEventKind.EffectResolved, LogEventKind.EffectBegun, LogEventKind.EffectRefused,
                LogEventKind.EffectCompleted, LogEventKind.EffectBegun, LogEventKind.EffectFailed,
            ],
            events.Select(e => e.Kind));
        Assert.All(events, e => Assert.NotNull(e.Chain));
        Assert.Equal((EffectVerdict.Retry, "somebody", "looked it up"), (events[1].Effect!.Verdict, events[1].Effect!.By, events[1].Effect!.Reason));
        Assert.Equal((1L, 2L, "no"), (events[3].Effect!.EffectEpoch, events[4].Effect!.EffectEpoch, events[6].Effect!.Reason));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Export_OfEffectsAndPendingWrites_ComesInWithBoth()
    {
        var (name, copy, merged) = (Make.Id(), Make.Id("copy"), Make.Id("merged"));
        var session = await PointsAsync(name);
        await session.WriteAsync(1, "a", "b");
        await session.WriteAsync(3, "c");
        await Forge.Session(merged).BeginAsync("mine");
        var document = await session.ExportAllAsync();

        foreach (var into in new[] { copy, merged })
        {
            await Forge.Session(into).ImportAllAsync(document);

            Assert.Equal(await session.WritesOfAsync(1), await Forge.Session(into).WritesOfAsync(1));
            Assert.Equal(await session.WritesOfAsync(3), await Forge.Session(into).WritesOfAsync(3));
            Assert.Equal(
                (await session.RunAsync(new ListEffects(), Cancel)).Items.Select(e => e.Key),
                (await Forge.Session(into).RunAsync(new ListEffects(), Cancel)).Items.Select(e => e.Key).Where(key => key != "mine"));
            Assert.True((await Forge.Session(into).VerifyOnceAsync()).IsIntact);
        }
    }

    [Fact]
    public async Task Export_OfEffects_ComesInWithAllThatIsKnown()
    {
        var (name, copy) = (Make.Id(), Make.Id("copy"));
        var session = await PointsAsync(name);
        await session.BeginAsync("unknown");
        fixture.Advance(Lease);
        await session.ResolveAsync("unknown", 1, EffectVerdict.Retry);
        await session.ConsumeAsync("token");

        var imported = await Forge.Session(copy).ImportAllAsync(await session.ExportAllAsync());

        Assert.Equal((3L, 6L), (imported.Imported, imported.Effects));
        foreach (var key in new[] { "before", "after-1", "after-2", "running", "unknown", "token" })
        {
            var (there, here) = (await session.RunAsync(new GetEffect(key), Cancel), await Forge.Session(copy).RunAsync(new GetEffect(key), Cancel));
            Assert.Equal(there.Summary, here.Summary);
            Assert.Equal(
                (there.RequestSha256, there.Request, there.TargetKey, there.Reason, there.ResolvedBy),
                (here.RequestSha256, here.Request, here.TargetKey, here.Reason, here.ResolvedBy));
            Assert.Equal(there.Result.ToArray(), here.Result.ToArray());
            Assert.Equal(there.Evidence.Count, here.Evidence.Count);
        }

        Assert.True((await Forge.Session(copy).VerifyOnceAsync()).IsIntact);
        Assert.Equal(0, (await Forge.Session(copy).ImportAllAsync(await session.ExportAllAsync())).Effects);
    }

    [Fact]
    public async Task Import_OfEffectsWithoutCheckpoints_KeepsThemBeforeWhatIsCreatedNext()
    {
        var (name, copy, fork) = (Make.Id(), Make.Id("copy"), Make.Id("fork"));
        var session = await PointsAsync(name);
        await session.RunAsync(new ClearSession(), Cancel);
        await session.BeginAsync("last");

        var imported = await Forge.Session(copy).ImportAllAsync(await session.ExportAllAsync());
        var created = await Forge.Session(copy).CreateAsync("next");
        await Forge.Session(fork).RunAsync(new ForkSession(SessionId.Parse(copy), created.Sequence), Cancel);

        Assert.Equal((0L, 5L), (imported.Imported, imported.Effects));
        Assert.Equal(4, created.Sequence);
        Assert.False((await Forge.Session(fork).BeginAsync("last")).Begun);
        Assert.Equal(0, (await Forge.Session(copy).RunAsync(new RestoreCheckpoint(created.Sequence), Cancel)).EffectsAfter.Count);
        Assert.True((await Forge.Session(copy).VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Compaction_OfASession_TakesNoEffectBeforeItsOwnAge()
    {
        var session = await PointsAsync(Make.Id());
        await session.ConsumeAsync("token");
        await session.RunAsync(new CompactSession(new RetentionPolicy { KeepRecent = 1 }), Cancel);
        await fixture.SweepAfterAsync(TimeSpan.FromDays(29));
        Assert.Equal(5, (await session.RunAsync(new ListEffects(), Cancel)).Items.Count);

        await fixture.SweepAfterAsync(TimeSpan.FromDays(1) + TimeSpan.FromHours(1));
        await fixture.SweepAfterAsync(TimeSpan.FromHours(1));

        Assert.Equal(["running", "token"], (await session.RunAsync(new ListEffects(), Cancel)).Items.Select(e => e.Key));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
        Assert.True((await session.BeginAsync("before")).Begun);
    }

    /// <summary>
    /// Three checkpoints, with effects before the first, behind the first, and behind the second: one completed, and one that runs.
    /// </summary>
    private async Task<ISessionGrain> PointsAsync(string name)
    {
        var session = Forge.Session(name);
        await DoneAsync("before", "\"b\"");
        await session.CreateAsync("1");
        await DoneAsync("after-1", "1");
        await session.CreateAsync("2");
        await DoneAsync("after-2", "2");
        await session.BeginAsync("running", EffectClass.Read);
        await session.CreateAsync("3");
        return session;

        async Task DoneAsync(string key, string result)
        {
            await session.BeginAsync(key);
            await session.RunAsync(new CompleteEffect(key, 1, Encoding.UTF8.GetBytes(result)), Cancel);
        }
    }
}
