using System.Text;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Tests.Sessions;
using Forge.Identity;
using Forge.Sessions;
using Orleans.Core.Internal;

namespace Forge.Grains.Tests.Effects;

public abstract partial class EffectContract
{
    [Fact]
    public async Task Fail_OfARunWhereAnEarlierOneWasDone_MakesItUnknown()
    {
        var session = await RunTwiceAsync();
        await Assert.ThrowsAsync<EffectSupersededException>(() => session.RunAsync(new CompleteEffect("k", 1, "1"u8.ToArray()), Cancel));

        for (var i = 0; i < 2; i++)
        {
            var refusal = await Assert.ThrowsAsync<EffectSettledException>(() => session.RunAsync(new FailEffect("k", 2, "no"), Cancel));
            Assert.Equal((2L, EffectStatus.Unknown), (refusal.Epoch, refusal.Status));
        }

        var begin = await session.BeginAsync("k");
        Assert.Equal((false, EffectStatus.Unknown, 2L), (begin.Begun, begin.Effect.Summary.Status, begin.Effect.Summary.EffectEpoch));
        Assert.Equal(
            [EffectVerdict.Retry, EffectVerdict.Completed, EffectVerdict.Failed], begin.Effect.Evidence.Select(one => one.Verdict));
        Assert.True((await session.VerifyOnceAsync()).IsIntact);

        // Once somebody has looked at both, what is said next of the run is taken.
        await session.ResolveAsync("k", 2, EffectVerdict.Retry);
        Assert.Equal(EffectStatus.Failed, (await session.RunAsync(new FailEffect("k", 2, "no"), Cancel)).Summary.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fail_RepeatedAfterAnEarlierRunWasDone_DoesNotHideThat(bool resolved)
    {
        var session = await RunTwiceAsync();
        if (resolved)
        {
            fixture.Advance(Lease);
            await session.ResolveAsync("k", 2, EffectVerdict.Failed);
        }
        else
        {
            await session.RunAsync(new FailEffect("k", 2, "no"), Cancel);
        }

        await Assert.ThrowsAsync<EffectSupersededException>(() => session.RunAsync(new CompleteEffect("k", 1, "1"u8.ToArray()), Cancel));
        await Assert.ThrowsAsync<EffectSettledException>(() => session.RunAsync(new FailEffect("k", 2, "no"), Cancel));

        var known = await session.RunAsync(new GetEffect("k"), Cancel);
        Assert.Equal((EffectStatus.Unknown, null, null), (known.Summary.Status, known.Reason, known.ResolvedBy));
        Assert.Contains(known.Evidence, one => one is { EffectEpoch: 2, Verdict: EffectVerdict.Failed });
        Assert.Equal(EffectStatus.Completed, (await session.ResolveAsync("k", 2, EffectVerdict.Completed)).Summary.Status);
    }

    [Fact]
    public async Task Complete_OfARunOfAnEarlierLife_IsRefused()
    {
        var session = Forge.Session(Make.Id());
        var first = await session.BeginAsync("k");
        Assert.Equal(ErasureStatus.Erased, await session.RunAsync(new EraseSession(), Cancel));
        await session.RunAsync(new ReviveSession(), Cancel);

        var second = await session.BeginAsync("k");

        Assert.True(second.Effect.Summary.EffectEpoch > first.Effect.Summary.EffectEpoch);
        Assert.NotEqual(first.Effect.TargetKey, second.Effect.TargetKey);
        await Assert.ThrowsAsync<EffectSupersededException>(
            () => session.RunAsync(new CompleteEffect("k", first.Effect.Summary.EffectEpoch, "1"u8.ToArray()), Cancel));
        Assert.Equal(EffectStatus.Running, (await session.BeginAsync("k")).Effect.Summary.Status);
        Assert.Equal(
            EffectStatus.Completed,
            (await session.RunAsync(new CompleteEffect("k", second.Effect.Summary.EffectEpoch, default), Cancel)).Summary.Status);
    }

    [Fact]
    public async Task Begin_OfATokenWithAKeyForItsTarget_IsRefused()
    {
        var session = Forge.Session(Make.Id());

        var refusal = await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(
            new BeginEffect("token", EffectClass.Token, RequestSha256: new string('0', 64), TargetKey: "somebody"), Cancel));

        Assert.Equal("targetKey", refusal.Field);
        Assert.True(await session.ConsumeAsync("token"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_OfAnOriginWhoseCountsAreDamaged_SeesItsEffects(bool withHistory)
    {
        var (name, made) = (Make.Id(), Make.Id("fork"));
        var origin = await PointsAsync(name);
        await origin.ConsumeAsync("token");
        await fixture.ExecuteAsync(
            $"UPDATE sessions SET effect_count = NULL, token_count = NULL WHERE session_key = {await fixture.KeyAsync(origin)}");

        var result = await Forge.Session(made).RunAsync(new ForkSession(SessionId.Parse(name), 2, withHistory), Cancel);

        Assert.Equal(["after-2", "running", "token"], result.EffectsAfter.Items.Select(e => e.Key));
        Assert.False(await Forge.Session(made).ConsumeAsync("token"));
        Assert.False((await Forge.Session(made).BeginAsync("before")).Begun);
    }

    [Fact]
    public async Task Restore_OfASessionWhoseCountsAreDamaged_SeesItsEffects()
    {
        var session = await PointsAsync(Make.Id());
        await fixture.ExecuteAsync(
            $"UPDATE sessions SET effect_count = NULL, token_count = NULL WHERE session_key = {await fixture.KeyAsync(session)}");

        // Each restore writes the head row again, with what it was loaded with.
        for (var again = 0; again < 3; again++)
        {
            await session.AsReference<IGrainManagementExtension>().DeactivateOnIdle();

            Assert.Equal(["after-2", "running"], (await session.RestoreAsync(2)).EffectsAfter.Items.Select(e => e.Key));
            Assert.Equal(["after-2", "running"], (await session.RestoreAsync(2)).EffectsAfter.Items.Select(e => e.Key));
        }
    }

    [Fact]
    public async Task DamagedTime_OutOfItsBounds_IsAnErrorOfItsEffectAlone()
    {
        var session = await PointsAsync(Make.Id());
        var time = fixture is Retention.SqliteRetentionFixture ? "9000000000000000000" : "'infinity'";
        await fixture.ExecuteAsync(
            $"UPDATE effects SET begun_at = {time} WHERE session_key = {await fixture.KeyAsync(session)} AND effect_key = 'before'");

        await Assert.ThrowsAsync<EffectDamagedException>(() => session.RunAsync(new GetEffect("before"), Cancel));
        await Assert.ThrowsAsync<EffectDamagedException>(() => session.RunAsync(new ListEffects(), Cancel));
        Assert.False((await session.BeginAsync("after-1")).Begun);
        var damage = Assert.Single((await session.VerifyOnceAsync()).Damages);
        Assert.Contains("before", damage.Problem, StringComparison.Ordinal);
    }

    /// <summary>A session whose effect was taken for unknown, may run again by somebody's word, and runs the second time.</summary>
    private async Task<ISessionGrain> RunTwiceAsync()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        fixture.Advance(Lease);
        await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        Assert.True((await session.BeginAsync("k")).Begun);
        return session;
    }

    private static byte[] Changed(byte[] document, string line, Func<string, string> change)
    {
        var lines = Encoding.UTF8.GetString(document).TrimEnd('\n').Split('\n');
        var at = Assert.Single(Enumerable.Range(0, lines.Length), i => lines[i].StartsWith($"{{\"effect\":\"{line}\"", StringComparison.Ordinal));
        var changed = change(lines[at]);
        Assert.NotEqual(lines[at], changed);
        lines[at] = changed;
        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(text => text + "\n")));
    }
}
