using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Tests.Sessions;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Effects;

public abstract partial class EffectContract
{
    [Theory]
    [InlineData("state = 4")]
    [InlineData("state = 2, until = NULL")]
    [InlineData("class = 0")]
    [InlineData("epoch = 9")]
    [InlineData("until = changed_at")]
    [InlineData("after_sequence = 7")]
    public async Task DamagedRow_WhateverIsAskedOfIt_IsAnErrorAndDecidesNothing(string damage)
    {
        var (name, copy) = (Make.Id(), Make.Id("copy"));
        var session = await PointsAsync(name);
        await session.BeginAsync("damaged");
        await fixture.ExecuteAsync($"UPDATE effects SET {damage} WHERE session_key = {await fixture.KeyAsync(session)} AND effect_key = 'damaged'");
        Func<Task>[] all =
        [
            () => session.BeginAsync("damaged"),
            () => session.RunAsync(new GetEffect("damaged"), Cancel),
            () => session.RunAsync(new RenewEffect("damaged", 1, Lease), Cancel),
            () => session.RunAsync(new CompleteEffect("damaged", 1, default), Cancel),
            () => session.RunAsync(new FailEffect("damaged", 1, "no"), Cancel),
            () => session.ResolveAsync("damaged", 1, EffectVerdict.Retry),
            () => session.RunAsync(new ListEffects(), Cancel),
            () => session.RunAsync(new RestoreCheckpoint(1), Cancel),
            () => session.ExportAllAsync(),
        ];
        foreach (var ask in all)
        {
            var error = await Assert.ThrowsAsync<EffectDamagedException>(ask);
            Assert.Equal("damaged", error.Key);
        }

        await Assert.ThrowsAsync<EffectDamagedException>(
            () => Forge.Session(copy).RunAsync(new ForkSession(SessionId.Parse(name), 1), Cancel));
        Assert.Null(await Forge.Session(copy).GetInfoAsync());
        Assert.False((await session.BeginAsync("before")).Begun);
        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d.Kind == DamageKind.Effect && d.Problem.Contains("damaged", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("result = NULL")]
    [InlineData("request_text = 'another'")]
    [InlineData("evidence = '[]'")]
    public async Task DamagedLongPart_WhateverIsAskedOfIt_IsAnErrorAndTheListTellsTheRest(string damage)
    {
        var session = await PointsAsync(Make.Id());
        await fixture.ExecuteAsync($"UPDATE effects SET {damage} WHERE session_key = {await fixture.KeyAsync(session)} AND effect_key = 'before'");

        await Assert.ThrowsAsync<EffectDamagedException>(() => session.BeginAsync("before"));
        await Assert.ThrowsAsync<EffectDamagedException>(() => session.RunAsync(new GetEffect("before"), Cancel));

        Assert.Contains("before", (await session.RunAsync(new ListEffects(), Cancel)).Items.Select(e => e.Key));
        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d.Kind == DamageKind.Effect);
    }

    [Fact]
    public async Task Row_ThatWasRemovedPastTheService_IsFoundByVerification()
    {
        var session = await PointsAsync(Make.Id());
        await fixture.ExecuteAsync($"DELETE FROM effects WHERE session_key = {await fixture.KeyAsync(session)} AND effect_key = 'before'");

        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d.Kind == DamageKind.Effect);
    }

    [Fact]
    public async Task Effects_OfAClaimedSession_AreBegunUnderItsEpochAndSettledUnderAny()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        await session.RunAsync(new ClaimSession("w"), Cancel);

        await Assert.ThrowsAsync<SessionClaimedException>(() => session.BeginAsync("other"));
        Assert.True((await session.RunAsync(new BeginEffect("other", EffectClass.Write, "r") { Epoch = 1 }, Cancel)).Begun);
        Assert.Equal(EffectStatus.Completed, (await session.RunAsync(new CompleteEffect("k", 1, default), Cancel)).Summary.Status);
        Assert.Equal(EffectStatus.Failed, (await session.RunAsync(new FailEffect("other", 1, "no"), Cancel)).Summary.Status);
        Assert.Equal(EffectStatus.Retry, (await session.ResolveAsync("other", 1, EffectVerdict.Retry)).Summary.Status);
    }
}
