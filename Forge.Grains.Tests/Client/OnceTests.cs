using System.Text;
using Forge.Client.Effects;
using Forge.Effects;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Grains.Tests.Client;

/// <summary>What <c>OnceAsync</c> asks, runs and records.</summary>
public class OnceTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));

    private readonly FakeCluster _cluster = new();
    private int _runs;

    public OnceTests() => _cluster
        .On(nameof(BeginEffect), _ => new BeginEffectResult(true, Of(EffectStatus.Running)))
        .On(nameof(RenewEffect), _ => Of(EffectStatus.Running).Summary)
        .On(nameof(CompleteEffect), _ => Of(EffectStatus.Completed))
        .On(nameof(FailEffect), _ => Of(EffectStatus.Failed))
        .On(nameof(ResolveEffect), _ => Of(EffectStatus.Retry));

    private IEnumerable<string> Asked => _cluster.Calls.Select(call => call.Method);

    [Fact]
    public async Task OnceAsync_OfAKeyThatIsBegun_RunsItAndRecordsItsResult()
    {
        var result = await OnceAsync(run =>
        {
            Assert.Equal(("k", 1L, "t", false), (run.Key, run.EffectEpoch, run.TargetKey, run.Lost.IsCancellationRequested));
            return Task.FromResult("done");
        });

        Assert.Equal(("done", 1), (result, _runs));
        Assert.Equal([nameof(BeginEffect), nameof(CompleteEffect)], Asked);
        var begin = _cluster.Calls[0].Argument<BeginEffect>();
        Assert.Equal(("k", EffectClass.Write, "7", null, Lease), (begin.Key, begin.Class, begin.RequestText, begin.RequestSha256, begin.Lease));
        var complete = _cluster.Calls[1].Argument<CompleteEffect>();
        Assert.Equal((1L, "\"done\""), (complete.EffectEpoch, Encoding.UTF8.GetString(complete.Result.Span)));
    }

    [Fact]
    public async Task OnceAsync_OfAKeyThatIsCompleted_AnswersItsResultAndRunsNothing()
    {
        Begin(false, Of(EffectStatus.Completed) with { Result = "\"before\""u8.ToArray(), ContentType = "application/json" });

        Assert.Equal(("before", 0), (await OnceAsync(), _runs));
    }

    [Theory]
    [InlineData(EffectStatus.Running)]
    [InlineData(EffectStatus.Failed)]
    [InlineData(EffectStatus.Unknown)]
    public async Task OnceAsync_OfAKeyThatIsNotToBeRun_IsBlockedAndRunsNothing(EffectStatus status)
    {
        Begin(false, Of(status));

        var blocked = await Assert.ThrowsAsync<EffectBlockedException>(() => OnceAsync());

        Assert.Equal((status, 0), (blocked.Status, _runs));
        Assert.Equal([nameof(BeginEffect)], Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnceAsync_OfAnActThatThrows_RecordsAFailureOnlyIfItDidNothing(bool didNothing)
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => OnceAsync(
            _ => throw new InvalidOperationException("no"), new OnceOptions { DidNothing = e => didNothing && e is InvalidOperationException }));

        Assert.Equal("no", thrown.Message);
        Assert.Equal(didNothing ? [nameof(BeginEffect), nameof(FailEffect)] : [nameof(BeginEffect)], Asked);
    }

    [Fact]
    public async Task OnceAsync_CancelledByItsCaller_RecordsNothing()
    {
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OnceAsync(
            async run =>
            {
                await cancel.CancelAsync();
                run.Lost.ThrowIfCancellationRequested();
                return "never";
            },
            cancellationToken: cancel.Token));

        Assert.Equal([nameof(BeginEffect)], Asked);
    }

    [Fact]
    public async Task OnceAsync_WhoseBeginAndRenewalWereAnsweredAfterTheLease_RunsNothingAndGivesItBack()
    {
        _cluster.On(nameof(BeginEffect), _ =>
        {
            _cluster.Time.Advance(Lease);
            return new BeginEffectResult(true, Of(EffectStatus.Running));
        });
        _cluster.On(nameof(RenewEffect), _ =>
        {
            _cluster.Time.Advance(Lease);
            return Of(EffectStatus.Running).Summary;
        });

        await Assert.ThrowsAsync<EffectBlockedException>(() => OnceAsync());

        Assert.Equal(0, _runs);
        Assert.Equal([nameof(BeginEffect), nameof(RenewEffect), nameof(FailEffect), nameof(ResolveEffect)], Asked);
        Assert.Equal(EffectVerdict.Retry, _cluster.Calls[3].Argument<ResolveEffect>().Verdict);
    }

    [Fact]
    public async Task OnceAsync_GivenUpBeforeItsBeginIsAnswered_RunsNothingAndGivesItBack()
    {
        using var cancel = new CancellationTokenSource();
        _cluster.On(nameof(BeginEffect), _ =>
        {
            cancel.Cancel();
            return new BeginEffectResult(true, Of(EffectStatus.Running));
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OnceAsync(cancellationToken: cancel.Token));

        Assert.Equal(0, _runs);
        Assert.True(Asked.Count() == 1 || Asked.Skip(1).SequenceEqual([nameof(FailEffect), nameof(ResolveEffect)]));
    }

    [Theory]
    [InlineData("limit")]
    [InlineData("unavailable")]
    public async Task OnceAsync_WhoseResultCannotBeRecorded_SaysThatItWasDoneAndHasTheResult(string failure)
    {
        _cluster.Options.Retry.Attempts = 1;
        Exception cause = failure == "limit" ? ClientSamples.Definite(failure) : new UnavailableException("Down.");
        _cluster.On<Effect>(nameof(CompleteEffect), _ => throw cause);

        var error = await Assert.ThrowsAsync<EffectNotRecordedException>(() => OnceAsync(_ => Task.FromResult("done")));

        Assert.Equal(("done", 1), (error.Result, _runs));
        Assert.Same(cause, error.InnerException);
        Assert.Equal("k", error.Effect.Summary.Key);
        Assert.DoesNotContain(nameof(FailEffect), Asked);
    }

    [Fact]
    public async Task OnceAsync_WhoseResultCannotBeWritten_SaysThatItWasDone()
    {
        var loop = new List<object>();
        loop.Add(loop);

        var error = await Assert.ThrowsAsync<EffectNotRecordedException>(
            () => _cluster.Session().OnceAsync("k", 7, _ => Task.FromResult(loop), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Same(loop, error.Result);
    }

    [Fact]
    public async Task OnceAsync_RefusedAsSupersededBehindALostAnswer_SaysSo()
    {
        _cluster.On<Effect>(nameof(CompleteEffect), _ => throw new OutcomeUnknownException(
            Address, new EffectSupersededException(Address, "k", 1, 2, EffectStatus.Running)));
        _cluster.Options.Retry.Attempts = 1;

        await Assert.ThrowsAsync<EffectSupersededException>(() => OnceAsync());

        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task Lost_WhoseCallbackThrows_TakesNoResultAlong()
    {
        _cluster.On<EffectSummary>(nameof(RenewEffect), _ => throw new EffectSupersededException(Address, "k", 1, 2, EffectStatus.Running));
        var lost = new TaskCompletionSource();

        var result = await OnceAsync(async run =>
        {
            using var first = run.Lost.Register(() => throw new InvalidOperationException("a callback of the act"));
            using var second = run.Lost.Register(lost.SetResult);
            _cluster.Time.Advance(Lease / 3);
            await lost.Task.WaitAsync(TestContext.Current.CancellationToken);
            return "done";
        });

        Assert.Equal("done", result);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnceAsync_WhoseBeginWasAnsweredLate_RenewsBeforeItRuns(bool superseded)
    {
        _cluster.On(nameof(BeginEffect), _ =>
        {
            _cluster.Time.Advance(Lease * 0.6);
            return new BeginEffectResult(true, Of(EffectStatus.Running));
        });
        if (superseded)
        {
            _cluster.On<EffectSummary>(nameof(RenewEffect), _ => throw new EffectSupersededException(Address, "k", 1, 2, EffectStatus.Running));
            await Assert.ThrowsAsync<EffectBlockedException>(() => OnceAsync());
        }
        else
        {
            await OnceAsync();
        }

        Assert.Equal(superseded ? 0 : 1, _runs);
        Assert.Equal([nameof(BeginEffect), nameof(RenewEffect)], Asked.Take(2));
    }

    [Fact]
    public async Task Lost_WithoutARenewal_IsCancelledAtTheEndOfTheLeaseFromBeforeItWasAskedFor()
    {
        _cluster.On<EffectSummary>(nameof(RenewEffect), _ => throw new InvalidCastException("nothing that a client expects"));
        _cluster.On(nameof(BeginEffect), _ =>
        {
            _cluster.Time.Advance(Lease / 4);
            return new BeginEffectResult(true, Of(EffectStatus.Running));
        });

        var result = await OnceAsync(run =>
        {
            _cluster.Time.Advance((Lease * 0.75) - TimeSpan.FromMilliseconds(1));
            Assert.False(run.Lost.IsCancellationRequested);
            _cluster.Time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.True(run.Lost.IsCancellationRequested);
            return Task.FromResult("done all the same");
        });

        // What was done is recorded, whatever became of the lease.
        Assert.Equal("done all the same", result);
        Assert.Equal(nameof(CompleteEffect), Asked.Last());
    }

    [Fact]
    public async Task Lost_WithRenewals_IsSetOffAnewByEach()
    {
        var renewed = new SemaphoreSlim(0);
        _cluster.On(nameof(RenewEffect), _ =>
        {
            renewed.Release();
            return Of(EffectStatus.Running).Summary;
        });

        await OnceAsync(async run =>
        {
            for (var i = 0; i < 9; i++)
            {
                // A third of the lease, three leases long.
                _cluster.Time.Advance(Lease / 3);
                await renewed.WaitAsync(TestContext.Current.CancellationToken);
                Assert.False(run.Lost.IsCancellationRequested);
            }

            return "done";
        });

        Assert.Equal(1, _runs);
    }

    [Fact]
    public async Task Lost_OfARunThatWasTakenOver_IsCancelledByTheNextRenewal()
    {
        _cluster.On<EffectSummary>(nameof(RenewEffect), _ => throw new EffectSupersededException(Address, "k", 1, 2, EffectStatus.Running));
        var lost = new TaskCompletionSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => OnceAsync(async run =>
        {
            using var registration = run.Lost.Register(lost.SetResult);
            _cluster.Time.Advance(Lease / 3);
            await lost.Task.WaitAsync(TestContext.Current.CancellationToken);
            run.Lost.ThrowIfCancellationRequested();
            return "never";
        }));

        Assert.DoesNotContain(nameof(FailEffect), Asked);
    }

    [Fact]
    public async Task Probe_ThatSaysThatItWasDone_ResolvesItAndAnswersTheResult()
    {
        Begin(false, Of(EffectStatus.Unknown));
        _cluster.On(nameof(ResolveEffect), _ => Of(EffectStatus.Completed) with { Result = "\"found\""u8.ToArray(), ContentType = "application/json" });

        var result = await OnceAsync(options: new OnceOptions
        {
            By = "me",
            Probe = (_, _) => Task.FromResult(EffectProbe.Done("\"found\""u8.ToArray(), "it is there")),
        });

        Assert.Equal(("found", 0), (result, _runs));
        var resolve = _cluster.Calls[^1].Argument<ResolveEffect>();
        Assert.Equal(
            ("k", 1L, EffectVerdict.Completed, "me", "it is there"), (resolve.Key, resolve.EffectEpoch, resolve.Verdict, resolve.By, resolve.Why));
    }

    [Fact]
    public async Task Probe_ThatSaysThatItWasNotDone_LetsItRunAgain()
    {
        var begins = 0;
        _cluster.On(nameof(BeginEffect), _ => ++begins == 1
            ? new BeginEffectResult(false, Of(EffectStatus.Unknown))
            : new BeginEffectResult(true, Of(EffectStatus.Running)));

        await OnceAsync(options: new OnceOptions { Probe = (_, _) => Task.FromResult(EffectProbe.NotDone("it is not there")) });

        Assert.Equal([nameof(BeginEffect), nameof(ResolveEffect), nameof(BeginEffect), nameof(CompleteEffect)], Asked);
        Assert.Equal((1, EffectVerdict.Retry), (_runs, _cluster.Calls[1].Argument<ResolveEffect>().Verdict));
    }

    [Fact]
    public async Task Probe_ThatCannotTell_BlocksIt()
    {
        Begin(false, Of(EffectStatus.Unknown));

        await Assert.ThrowsAsync<EffectBlockedException>(
            () => OnceAsync(options: new OnceOptions { Probe = (_, _) => Task.FromResult(EffectProbe.CannotTell) }));

        Assert.Equal(0, _runs);
        Assert.DoesNotContain(nameof(ResolveEffect), Asked);
    }

    [Fact]
    public async Task RetryFailed_OfWhatFailed_ResolvesAndRunsIt()
    {
        var begins = 0;
        _cluster.On(nameof(BeginEffect), _ => ++begins == 1
            ? new BeginEffectResult(false, Of(EffectStatus.Failed))
            : new BeginEffectResult(true, Of(EffectStatus.Running)));

        await OnceAsync(options: new OnceOptions { RetryFailed = true });

        Assert.Equal([nameof(BeginEffect), nameof(ResolveEffect), nameof(BeginEffect), nameof(CompleteEffect)], Asked);
    }

    private static Effect Of(EffectStatus status) => new()
    {
        Summary = new EffectSummary("k", EffectClass.Write, status, 1, 0, DateTimeOffset.UnixEpoch, null, DateTimeOffset.UnixEpoch),
        RequestSha256 = new string('0', 64),
        TargetKey = "t",
    };

    private void Begin(bool begun, Effect effect) => _cluster.On(nameof(BeginEffect), _ => new BeginEffectResult(begun, effect));

    private Task<string> OnceAsync(
        Func<EffectRun, Task<string>>? run = null, OnceOptions? options = null, CancellationToken cancellationToken = default) =>
        _cluster.Session().OnceAsync(
            "k",
            7,
            each =>
            {
                _runs++;
                return run?.Invoke(each) ?? Task.FromResult("done");
            },
            options,
            cancellationToken);
}
