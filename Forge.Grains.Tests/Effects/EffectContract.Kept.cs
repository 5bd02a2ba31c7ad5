using System.Text.RegularExpressions;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Tests.Sessions;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Effects;

public abstract partial class EffectContract
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task Sweep_OfASessionWithSettledEffects_LeavesNoWorkThatIsDueAtOnce()
    {
        var session = await PointsAsync(Make.Id());
        await fixture.SweepAfterAsync(Day + RetentionInterval);
        Assert.Null(await ClaimAsync());

        var other = await session.BeginAsync("other");
        await session.RunAsync(new CompleteEffect("other", other.Effect.Summary.EffectEpoch, default), Cancel);
        Assert.Null(await ClaimAsync());
        await fixture.SweepAfterAsync(Day + RetentionInterval);
        Assert.Null(await ClaimAsync());
        Assert.NotNull(await fixture.Store.Upkeep.FindDueWorkAsync(DueWorkKind.ForgetEffects, await fixture.KeyAsync(session), Cancel));

        Task<DueWork?> ClaimAsync()
        {
            var now = fixture.Time.GetUtcNow();
            return fixture.Store.Upkeep.ClaimDueWorkAsync(DueWorkKind.ForgetEffects, "test", now, now + (2 * Day), TimeSpan.FromMinutes(1), Cancel);
        }
    }

    [Theory]
    [InlineData("fork")]
    [InlineData("history")]
    [InlineData("import")]
    [InlineData("effects")]
    public async Task Effects_ThatCameAlong_GoByTheirAge(string how)
    {
        var (name, copy) = (Make.Id(), Forge.Session(Make.Id("copy")));
        var session = await PointsAsync(name);
        if (how is "fork" or "history")
        {
            await copy.RunAsync(new ForkSession(SessionId.Parse(name), 2, WithHistory: how == "history"), Cancel);
        }
        else
        {
            if (how == "effects")
            {
                await session.RunAsync(new ClearSession(), Cancel);
            }

            await copy.ImportAllAsync(await session.ExportAllAsync());
        }

        Assert.Contains("before", (await copy.RunAsync(new ListEffects(), Cancel)).Items.Select(e => e.Key));
        await fixture.SweepAfterAsync(31 * Day);

        Assert.DoesNotContain("before", (await copy.RunAsync(new ListEffects(), Cancel)).Items.Select(e => e.Key));
        Assert.True((await copy.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Begin_OfAKeyThatWasForgotten_HasARunThatNoneHadBefore()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        await session.RunAsync(new CompleteEffect("k", 1, default), Cancel);
        await fixture.SweepAfterAsync(31 * Day);
        Assert.Empty((await session.RunAsync(new ListEffects(), Cancel)).Items);

        var begun = await session.BeginAsync("k");

        Assert.True(begun.Begun && begun.Effect.Summary.EffectEpoch > 1);
        await Assert.ThrowsAsync<EffectSupersededException>(() => session.RunAsync(new CompleteEffect("k", 1, default), Cancel));
    }

    [Fact]
    public async Task Sweep_TimeToLiveOver_LeavesASessionUntilItsEffectsAreGone()
    {
        var session = Forge.Session(Make.Id());
        await session.RunAsync(new SetSettings(new SessionSettings { TimeToLive = TimeSpan.FromHours(2) }), Cancel);
        await session.CreateAsync("1");
        await session.BeginAsync("k");

        await fixture.SweepAfterAsync(TimeSpan.FromHours(3));

        Assert.Equal((false, EffectStatus.Unknown), ((await session.BeginAsync("k")) is var again ? (again.Begun, again.Effect.Summary.Status) : default));
        await session.RunAsync(new CompleteEffect("k", 1, default), Cancel);
        await fixture.SweepAfterAsync(31 * Day);
        await fixture.SweepAfterAsync(Day + RetentionInterval);
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.GetInfoAsync());
    }

    [Theory]
    [InlineData("evidence", "null")]
    [InlineData("evidence", "[null]")]
    [InlineData("evidence", "[{\"epoch\":1,\"verdict\":0,\"at\":1,\"sha256\":\"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\"}]")]
    [InlineData("token", "somebody")]
    public async Task Import_OfBrokenEffects_IsRefused(string what, string value)
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("evidence");
        fixture.Advance(Lease);
        await session.ResolveAsync("evidence", 1, EffectVerdict.Retry);
        await session.ConsumeAsync("token");
        var document = Changed(await session.ExportAllAsync(), what, line => what == "token"
            ? Regex.Replace(line, "\"targetKey\":\"[^\"]*\"", $"\"targetKey\":\"{value}\"")
            : Regex.Replace(line, "\"evidence\":\\[.*?\\]", $"\"evidence\":{value}"));
        var copy = Forge.Session(Make.Id("copy"));

        await Assert.ThrowsAsync<ImportRejectedException>(() => copy.ImportAllAsync(document));

        Assert.Null(await copy.GetInfoAsync());
    }

    [Theory]
    [InlineData(EffectVerdict.Retry)]
    [InlineData(EffectVerdict.Failed)]
    public async Task Import_OfWhatWasDoneWhereItMayRunAgain_IsRefusedUntilThatIsResolved(EffectVerdict there)
    {
        var (session, copy) = (Forge.Session(Make.Id()), Forge.Session(Make.Id("copy")));
        await session.BeginAsync("k");
        await copy.ImportAllAsync(await session.ExportAllAsync());
        await session.RunAsync(new CompleteEffect("k", 1, "1"u8.ToArray()), Cancel);
        var document = await session.ExportAllAsync();
        await Assert.ThrowsAsync<ImportRejectedException>(() => copy.ImportAllAsync(document));
        fixture.Advance(Lease);
        await copy.ResolveAsync("k", 1, there);

        var refusal = await Assert.ThrowsAsync<ImportRejectedException>(() => copy.ImportAllAsync(document));

        Assert.Contains("effect k", refusal.Message, StringComparison.Ordinal);
        await copy.ResolveAsync("k", 1, EffectVerdict.Completed);
        Assert.Equal(0, (await copy.ImportAllAsync(document)).Effects);
    }

    private static TimeSpan RetentionInterval => Retention.RetentionFixture.Interval;
}
