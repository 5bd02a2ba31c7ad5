using System.Text;
using Forge.Effects;
using Forge.Errors;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Effects;

/// <summary>What effects promise, on each database, of which the cluster's has two silos.</summary>
public abstract partial class EffectContract(RetentionFixture fixture)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private ForgeCluster Forge => fixture.Cluster;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Begin_OfASessionWithoutACheckpoint_IsDurableBeforeItIsAnswered()
    {
        var session = Forge.Session(Make.Id());

        var begun = await session.BeginAsync("k");

        Assert.True(begun.Begun);
        await Forge.EndActivationsAsync();
        var known = await session.RunAsync(new GetEffect("k"), Cancel);
        Assert.Equal(begun.Effect.Summary, known.Summary);
        Assert.Equal((EffectStatus.Running, 1L, 0L), (known.Summary.Status, known.Summary.EffectEpoch, known.Summary.After));
        Assert.Equal(("request", begun.Effect.TargetKey), (known.Request, known.TargetKey));
    }

    [Theory]
    [InlineData(EffectClass.Read)]
    [InlineData(EffectClass.Idempotent)]
    [InlineData(EffectClass.Write)]
    public async Task Begin_OfAKeyThatIsCompleted_AnswersTheRecordedResult(EffectClass name)
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k", name);
        await session.RunAsync(new CompleteEffect("k", 1, "\"done\""u8.ToArray()), Cancel);
        fixture.Advance(2 * Lease);

        var again = await session.BeginAsync("k", name);

        Assert.False(again.Begun);
        Assert.Equal(
            (EffectStatus.Completed, 1L, "\"done\"", "application/json"),
            (again.Effect.Summary.Status, again.Effect.Summary.EffectEpoch, Encoding.UTF8.GetString(again.Effect.Result.Span), again.Effect.ContentType));
    }

    [Theory]
    [InlineData(EffectClass.Read)]
    [InlineData(EffectClass.Idempotent)]
    [InlineData(EffectClass.Write)]
    public async Task Begin_OfAKeyThatIsRunningOrFailed_AnswersThat(EffectClass name)
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k", name);

        var running = await session.BeginAsync("k", name);
        await session.RunAsync(new FailEffect("k", 1, "refused by the target"), Cancel);
        var failed = await session.BeginAsync("k", name);

        Assert.Equal((false, EffectStatus.Running), (running.Begun, running.Effect.Summary.Status));
        Assert.Equal(
            (false, EffectStatus.Failed, "refused by the target"), (failed.Begun, failed.Effect.Summary.Status, failed.Effect.Reason));
    }

    [Fact]
    public async Task Begin_OfAWriteWhoseLeaseRanOut_AnswersUnknownUntilItIsResolved()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        fixture.Advance(Lease);

        for (var i = 0; i < 3; i++)
        {
            var unknown = await session.BeginAsync("k");
            Assert.Equal((false, EffectStatus.Unknown, 1L), (unknown.Begun, unknown.Effect.Summary.Status, unknown.Effect.Summary.EffectEpoch));
        }

        await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        var begun = await session.BeginAsync("k");
        Assert.Equal((true, EffectStatus.Running, 2L), (begun.Begun, begun.Effect.Summary.Status, begun.Effect.Summary.EffectEpoch));
        var evidence = Assert.Single(begun.Effect.Evidence);
        Assert.Equal(
            (1L, EffectVerdict.Retry, "somebody", "looked it up"),
            (evidence.EffectEpoch, evidence.Verdict, evidence.By, evidence.Reason));
    }

    [Theory]
    [InlineData(EffectClass.Read)]
    [InlineData(EffectClass.Idempotent)]
    public async Task Begin_OfWhatMayRunAgainWhoseLeaseRanOut_BeginsTheNextRunUnderTheSameTargetKey(EffectClass name)
    {
        var session = Forge.Session(Make.Id());
        var first = await session.BeginAsync("k", name);
        fixture.Advance(Lease);

        var second = await session.BeginAsync("k", name);

        Assert.Equal((true, 2L, first.Effect.TargetKey), (second.Begun, second.Effect.Summary.EffectEpoch, second.Effect.TargetKey));
    }

    [Fact]
    public async Task Begin_OfTheSameKeyWithAnotherRequestOrClass_IsAConflict()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");

        var request = await Assert.ThrowsAsync<EffectConflictException>(
            () => session.RunAsync(new BeginEffect("k", EffectClass.Write, "another"), Cancel));
        var other = await Assert.ThrowsAsync<EffectConflictException>(() => session.BeginAsync("k", EffectClass.Read));

        Assert.Equal(("request", "class"), (request.Field, other.Field));
        await session.RunAsync(new CompleteEffect("k", 1, default), Cancel);
        await Assert.ThrowsAsync<EffectConflictException>(
            () => session.RunAsync(new BeginEffect("k", EffectClass.Write, "another"), Cancel));
    }

    [Fact]
    public async Task Begin_BySixteenAtOnce_IsBegunByOne()
    {
        var session = Forge.Session(Make.Id());

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => session.BeginAsync("k")));

        Assert.Single(answers, answer => answer.Begun);
        Assert.All(answers, answer => Assert.Equal((EffectStatus.Running, 1L), (answer.Effect.Summary.Status, answer.Effect.Summary.EffectEpoch)));
    }

    [Fact]
    public async Task Begin_RepeatedWithItsRequestId_AnswersWhatTheRowSaysNow()
    {
        var session = Forge.Session(Make.Id());
        var begin = new BeginEffect("k", EffectClass.Write, "request", Lease: Lease) { Request = new ChangeRequest(Guid.NewGuid(), FirstAttempt: false) };

        Assert.True((await session.RunAsync(begin, Cancel)).Begun);
        Assert.True((await session.RunAsync(begin, Cancel)).Begun);
        fixture.Advance(Lease);
        var over = await session.RunAsync(begin, Cancel);
        Assert.Equal((false, EffectStatus.Unknown), (over.Begun, over.Effect.Summary.Status));
        await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        Assert.False((await session.RunAsync(begin, Cancel)).Begun);
        Assert.True((await session.BeginAsync("k")).Begun);
        var taken = await session.RunAsync(begin, Cancel);
        Assert.Equal((false, EffectStatus.Running, 2L), (taken.Begun, taken.Effect.Summary.Status, taken.Effect.Summary.EffectEpoch));
        await session.RunAsync(new CompleteEffect("k", 2, "1"u8.ToArray()), Cancel);
        var done = await session.RunAsync(begin, Cancel);
        Assert.Equal((false, EffectStatus.Completed), (done.Begun, done.Effect.Summary.Status));
        var other = await Assert.ThrowsAsync<RequestConflictException>(() => session.RunAsync(begin with { RequestText = "another" }, Cancel));
        Assert.Equal("argument", other.Difference);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Complete_LateWithNobodyTakingOver_IsTaken(bool resolved)
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        fixture.Advance(2 * Lease);
        if (resolved)
        {
            await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        }

        var done = await session.RunAsync(new CompleteEffect("k", 1, "1"u8.ToArray()), Cancel);

        Assert.Equal(EffectStatus.Completed, done.Summary.Status);
        Assert.Equal((false, EffectStatus.Completed), ((await session.BeginAsync("k")) is var again ? (again.Begun, again.Effect.Summary.Status) : default));
    }

    [Fact]
    public async Task Complete_AfterItsLeaseWasTakenOver_IsRefusedAndKeptAsEvidenceOnce()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        fixture.Advance(Lease);
        await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        await session.BeginAsync("k");

        for (var i = 0; i < 3; i++)
        {
            var refusal = await Assert.ThrowsAsync<EffectSupersededException>(
                () => session.RunAsync(new CompleteEffect("k", 1, "\"late\""u8.ToArray()), Cancel));
            Assert.Equal((1L, 2L, EffectStatus.Running), (refusal.Given, refusal.Epoch, refusal.Status));
        }

        var known = await session.RunAsync(new GetEffect("k"), Cancel);
        Assert.Equal((EffectStatus.Running, 2L), (known.Summary.Status, known.Summary.EffectEpoch));
        Assert.Equal(2, known.Evidence.Count);
        Assert.Equal((1L, "\"late\"", null), (known.Evidence[1].EffectEpoch, Encoding.UTF8.GetString(known.Evidence[1].Result.Span), known.Evidence[1].By));
        Assert.Equal(EffectStatus.Completed, (await session.RunAsync(new CompleteEffect("k", 2, default), Cancel)).Summary.Status);
    }

    [Fact]
    public async Task Begin_WithALateResultBehindItsResolution_AnswersUnknown()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        fixture.Advance(Lease);
        await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        await session.BeginAsync("k");
        fixture.Advance(Lease);
        await session.ResolveAsync("k", 2, EffectVerdict.Retry);
        await Assert.ThrowsAsync<EffectSupersededException>(() => session.RunAsync(new CompleteEffect("k", 1, "1"u8.ToArray()), Cancel));

        var begin = await session.BeginAsync("k");

        Assert.Equal((false, EffectStatus.Unknown), (begin.Begun, begin.Effect.Summary.Status));
        await session.ResolveAsync("k", 2, EffectVerdict.Retry);
        Assert.True((await session.BeginAsync("k")).Begun);
    }

    [Fact]
    public async Task Resolve_OfAnotherRunThanTheNewest_IsRefused()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        fixture.Advance(Lease);
        await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        await session.BeginAsync("k");
        fixture.Advance(Lease);

        var stale = await Assert.ThrowsAsync<EffectSupersededException>(() => session.ResolveAsync("k", 1, EffectVerdict.Completed));
        Assert.Equal((1L, 2L, EffectStatus.Unknown), (stale.Given, stale.Epoch, stale.Status));
        await Assert.ThrowsAsync<InvalidRequestException>(() => session.ResolveAsync("k", 3, EffectVerdict.Completed));

        var done = await session.ResolveAsync("k", 2, EffectVerdict.Completed);
        Assert.Equal((EffectStatus.Completed, "somebody", "looked it up"), (done.Summary.Status, done.ResolvedBy, done.Reason));
    }

    [Fact]
    public async Task Resolve_OfWhatRunsOrIsDone_IsRefused()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        var running = await Assert.ThrowsAsync<EffectSettledException>(() => session.ResolveAsync("k", 1, EffectVerdict.Retry));
        Assert.Equal(EffectStatus.Running, running.Status);
        await session.RunAsync(new CompleteEffect("k", 1, default), Cancel);
        var done = await Assert.ThrowsAsync<EffectSettledException>(() => session.ResolveAsync("k", 1, EffectVerdict.Retry));
        Assert.Equal(EffectStatus.Completed, done.Status);
        await Assert.ThrowsAsync<EffectNotFoundException>(() => session.ResolveAsync("none", 1, EffectVerdict.Retry));
    }

    [Fact]
    public async Task Renew_OfARun_LetsItsLeaseBeginAnewUntilItIsTakenOver()
    {
        var session = Forge.Session(Make.Id());
        await session.BeginAsync("k");
        for (var i = 0; i < 3; i++)
        {
            fixture.Advance(Lease / 2);
            var renewed = await session.RunAsync(new RenewEffect("k", 1, Lease), Cancel);
            Assert.Equal(EffectStatus.Running, renewed.Status);
        }

        Assert.Equal(EffectStatus.Running, (await session.BeginAsync("k")).Effect.Summary.Status);
        fixture.Advance(Lease);
        Assert.Equal(EffectStatus.Unknown, (await session.BeginAsync("k")).Effect.Summary.Status);
        Assert.Equal(EffectStatus.Running, (await session.RunAsync(new RenewEffect("k", 1, Lease), Cancel)).Status);
        fixture.Advance(Lease);
        await session.ResolveAsync("k", 1, EffectVerdict.Retry);
        await Assert.ThrowsAsync<EffectSettledException>(() => session.RunAsync(new RenewEffect("k", 1, Lease), Cancel));
        await session.BeginAsync("k");
        await Assert.ThrowsAsync<EffectSupersededException>(() => session.RunAsync(new RenewEffect("k", 1, Lease), Cancel));
    }

    [Fact]
    public async Task List_OfEffects_PagesByKeysAndTellsThemByStatusAndClass()
    {
        var session = Forge.Session(Make.Id());
        for (var i = 0; i < 7; i++)
        {
            await session.BeginAsync($"k{i}", i % 2 == 0 ? EffectClass.Write : EffectClass.Read);
        }

        await session.RunAsync(new CompleteEffect("k3", 1, default), Cancel);
        var (keys, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await session.RunAsync(new ListEffects(3, cursor), Cancel);
            keys.AddRange(page.Items.Select(e => e.Key));
            cursor = page.Next;
        }
        while (cursor is not null);
        Assert.Equal(["k0", "k1", "k2", "k3", "k4", "k5", "k6"], keys);
        Assert.Equal(["k3"], (await session.RunAsync(new ListEffects(Status: EffectStatus.Completed), Cancel)).Items.Select(e => e.Key));
        Assert.Equal(["k1", "k3", "k5"], (await session.RunAsync(new ListEffects(Class: EffectClass.Read), Cancel)).Items.Select(e => e.Key));
    }
}

public sealed class SqliteEffectContract(SqliteRetentionFixture fixture)
    : EffectContract(fixture), IClassFixture<SqliteRetentionFixture>;

public sealed class PostgreSqlEffectContract(PostgreSqlRetentionFixture fixture)
    : EffectContract(fixture), IClassFixture<PostgreSqlRetentionFixture>;

/// <summary>Short forms of what the tests ask of effects.</summary>
internal static class EffectCalls
{
    public static Task<BeginEffectResult> BeginAsync(this ISessionGrain session, string key, EffectClass name = EffectClass.Write) => session.RunAsync(
        new BeginEffect(key, name, "request", Lease: TimeSpan.FromMinutes(1)), TestContext.Current.CancellationToken);

    public static Task<Effect> ResolveAsync(this ISessionGrain session, string key, long epoch, EffectVerdict verdict) => session.RunAsync(
        new ResolveEffect(key, epoch, verdict, "somebody", "looked it up"), TestContext.Current.CancellationToken);

    /// <summary>True if this call consumed the token.</summary>
    public static async Task<bool> ConsumeAsync(this ISessionGrain session, string key) => (await session.RunAsync(
        new BeginEffect(key, EffectClass.Token, RequestSha256: new string('0', 64)), TestContext.Current.CancellationToken)).Begun;
}
