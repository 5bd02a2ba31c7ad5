using Forge.Checkpoints;
using Forge.Client;
using Forge.Errors;
using Forge.Sessions;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Client;

public class RetryTests
{
    private readonly FakeCluster _cluster = new FakeCluster()
        .On(nameof(ISessionGrain.CreateAsync), a => new CreateResult(CreateOutcome.Created, ClientSamples.Summary((NewCheckpoint)a[0]!)))
        .On(nameof(GetSession), _ => (SessionInfo?)null);

    public static TheoryData<string> Passing =>
    [
        "busy", "unavailable", "moved", "gateway busy",
        "outcome unknown", "timeout", "silo unavailable", "rejected", "connection failed", "cancelled by the silo",
    ];

    public static TheoryData<string> Lasting =>
        ["invalid", "limit", "head", "conflict", "parent", "deleted", "corrupted", "bug"];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task CheckpointAsync_FailureThatMayPass_SendsTheSameIdAgainAndNotAsFirstAttempt(string failure)
    {
        _cluster.Fail(Failure(failure), Failure(failure));

        await _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(new { step = 1 }, "m"));

        var sent = Sent();
        Assert.Equal(3, sent.Count);
        Assert.False(sent[0].Id.IsEmpty);
        Assert.Equal(7, sent[0].Id.Value.Version);
        Assert.All(sent, c => Assert.Equal(sent[0].Id, c.Id));
        Assert.All(sent, c => Assert.Equal(sent[0].State, c.State));
        Assert.Equal([true, false, false], sent.Select(c => c.FirstAttempt));
    }

    [Fact]
    public async Task CheckpointAsync_TwoCalls_HaveIdsOfTheirOwn()
    {
        var session = _cluster.Session();

        await session.CheckpointAsync(1, "m");
        await session.CheckpointAsync(1, "m");

        Assert.NotEqual(Sent()[0].Id, Sent()[1].Id);
        Assert.All(Sent(), c => Assert.True(c.FirstAttempt));
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task CheckpointAsync_DefiniteError_ComesThroughAtOnceAsItIs(string failure)
    {
        var expected = ClientSamples.Definite(failure);
        _cluster.Fail(expected);

        var actual = await Record.ExceptionAsync(() => _cluster.Session().CheckpointAsync(1, "m"));

        Assert.Same(expected, actual);
        Assert.Single(_cluster.Calls);
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task CheckpointAsync_DefiniteErrorAfterUnknownOutcome_StaysInDoubtWithThatCause(string failure)
    {
        var refusal = ClientSamples.Definite(failure);
        _cluster.Fail(new TimeoutException(), refusal);

        var error = await Assert.ThrowsAsync<OutcomeUnknownException>(
            () => _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m")));

        // The first attempt may have taken effect, or may yet: the refusal is of the second alone.
        Assert.Equal(ClientSamples.Address, error.Session);
        Assert.Same(refusal, error.InnerException);
        Assert.Equal(2, _cluster.Calls.Count);
    }

    [Fact]
    public async Task InfoAsync_DefiniteErrorAfterUnknownOutcome_ComesThroughAsItIs()
    {
        var expected = ClientSamples.Definite("invalid");
        _cluster.Fail(new TimeoutException(), expected);

        var actual = await Record.ExceptionAsync(() => _cluster.Time.DriveAsync(_cluster.Session().InfoAsync()));

        Assert.Same(expected, actual);
    }

    [Fact]
    public async Task CheckpointAsync_DefiniteErrorAfterCertainFailures_ComesThroughAsItIs()
    {
        var expected = ClientSamples.Definite("head");
        _cluster.Fail(ClientSamples.Unchanged("busy"), expected);

        var actual = await Record.ExceptionAsync(() => _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m")));

        Assert.Same(expected, actual);
    }

    [Fact]
    public async Task CheckpointAsync_SessionCouldNotBeActivated_IsMadeAgainAndRaisesTheCause()
    {
        _cluster.Options.Retry.Attempts = 2;
        var cause = new UnavailableException("The database is down.");
        _cluster.Fail(new OrleansException("activation", cause), new OrleansException("activation", cause));

        var error = await Record.ExceptionAsync(() => _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m")));

        Assert.Same(cause, error);
        Assert.Equal(2, _cluster.Calls.Count);
    }

    [Fact]
    public async Task CheckpointAsync_BusyToTheLastAttempt_GivesUpAtTheBoundWithThatError()
    {
        _cluster.Options.Retry.Attempts = 4;
        _cluster.Fail([.. Enumerable.Range(0, 5).Select(_ => ClientSamples.Unchanged("busy"))]);

        await Assert.ThrowsAsync<BusyException>(() => _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m")));

        Assert.Equal(4, _cluster.Calls.Count);
        Assert.Equal(3, _cluster.Time.Waits.Count);
    }

    [Theory]
    [InlineData("timeout")]
    [InlineData("silo unavailable")]
    [InlineData("outcome unknown")]
    public async Task CheckpointAsync_InDoubtAndRefusedLater_StaysInDoubt(string unknown)
    {
        _cluster.Options.Retry.Attempts = 2;
        var last = ClientSamples.Unchanged("busy");
        _cluster.Fail(ClientSamples.Unknown(unknown), last);

        var error = await Assert.ThrowsAsync<OutcomeUnknownException>(
            () => _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m")));

        Assert.Equal(ClientSamples.Address, error.Session);
        Assert.Same(last, error.InnerException);
    }

    [Fact]
    public async Task InfoAsync_TimeOutsToTheLastAttempt_IsUnavailableWithTheCause()
    {
        _cluster.Options.Retry.Attempts = 2;
        var last = new TimeoutException("second");
        _cluster.Fail(new TimeoutException("first"), last);

        var error = await Assert.ThrowsAsync<UnavailableException>(
            () => _cluster.Time.DriveAsync(_cluster.Session().InfoAsync()));

        Assert.Same(last, error.InnerException);
    }

    [Fact]
    public async Task CheckpointAsync_NoAnswerAtAll_EndsAtTheDeadlineInDoubt()
    {
        _cluster.OnRaw(nameof(ISessionGrain.CreateAsync), _ => new TaskCompletionSource<CreateResult>().Task);
        _cluster.Options.Retry.Deadline = TimeSpan.FromSeconds(7);

        await Assert.ThrowsAsync<OutcomeUnknownException>(
            () => _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m")));

        Assert.Equal([TimeSpan.FromSeconds(7)], _cluster.Time.Waits);
        Assert.Single(_cluster.Calls);
    }

    [Fact]
    public async Task CheckpointAsync_AttemptWithoutAnswer_IsLeftAloneAndMadeAgain()
    {
        _cluster.Options.Retry.AttemptTimeout = TimeSpan.FromSeconds(3);
        _cluster.OnRaw(nameof(ISessionGrain.CreateAsync), a => _cluster.Calls.Count == 1
            ? new TaskCompletionSource<CreateResult>().Task
            : Task.FromResult(new CreateResult(CreateOutcome.Repeated, ClientSamples.Summary((NewCheckpoint)a[0]!))));

        var result = await _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m"));

        Assert.Equal(CreateOutcome.Created, result.Outcome);
        Assert.Equal([TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(100)], _cluster.Time.Waits.Take(2));
        Assert.Equal([true, false], Sent().Select(c => c.FirstAttempt));
        Assert.Equal(Sent()[0].Id, Sent()[1].Id);
    }

    [Fact]
    public async Task CheckpointAsync_SiloLostDuringTheCall_IsMadeAgainUnderTheSameIdWithoutWaitingForTheAnswer()
    {
        var called = new TaskCompletionSource();
        _cluster.OnRaw(nameof(ISessionGrain.CreateAsync), a =>
        {
            called.TrySetResult();
            return _cluster.Calls.Count == 1
                ? new TaskCompletionSource<CreateResult>().Task
                : Task.FromResult(new CreateResult(CreateOutcome.Repeated, ClientSamples.Summary((NewCheckpoint)a[0]!)));
        });

        var call = _cluster.Session().CheckpointAsync(1, "m");
        await called.Task;
        _cluster.Losses.Report();
        var result = await _cluster.Time.DriveAsync(call);

        Assert.Equal(CreateOutcome.Created, result.Outcome);
        Assert.Equal([TimeSpan.FromMilliseconds(100)], _cluster.Time.Waits);
        Assert.Equal([true, false], Sent().Select(c => c.FirstAttempt));
        Assert.Equal(Sent()[0].Id, Sent()[1].Id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task CheckpointAsync_SiloLostDuringTheLastAttempt_IsAnsweredByTheSiloThatHasIt(int attempts)
    {
        _cluster.Options.Retry.Attempts = attempts;
        _cluster.Fail([.. Enumerable.Range(1, attempts - 1).Select(_ => ClientSamples.Unchanged("busy"))]);
        var called = new TaskCompletionSource();
        var answer = new TaskCompletionSource<CreateResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _cluster.OnRaw(nameof(ISessionGrain.CreateAsync), _ =>
        {
            called.SetResult();
            return answer.Task;
        });

        var call = _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m"));
        await called.Task;
        _cluster.Losses.Report();
        answer.SetResult(new CreateResult(CreateOutcome.Created, ClientSamples.Summary(Sent()[^1])));

        Assert.Equal(CreateOutcome.Created, (await call).Outcome);
        Assert.Equal(attempts, _cluster.Calls.Count);
    }

    [Fact]
    public async Task CheckpointAsync_SiloLostBeforeTheCall_IsMadeOnce()
    {
        _cluster.Losses.Report();

        await _cluster.Session().CheckpointAsync(1, "m");

        Assert.Single(_cluster.Calls);
    }

    [Fact]
    public async Task CheckpointAsync_DeadlineBeforeTheNextAttempt_GivesUpWithoutWaiting()
    {
        _cluster.Options.Retry.Deadline = TimeSpan.FromMilliseconds(250);
        _cluster.Time.Ignored.Add(_cluster.Options.Retry.Deadline);
        _cluster.Fail([.. Enumerable.Range(0, 10).Select(_ => ClientSamples.Unchanged("unavailable"))]);

        await Assert.ThrowsAsync<UnavailableException>(
            () => _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m")));

        Assert.Equal([TimeSpan.FromMilliseconds(100)], _cluster.Time.Waits);
        Assert.Equal(2, _cluster.Calls.Count);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0.5)]
    public async Task CheckpointAsync_ManyFailures_WaitsDoubleUpToTheGreatestLessAPart(double chance, double part)
    {
        _cluster.Chance = chance;
        _cluster.Fail([.. Enumerable.Range(0, 9).Select(_ => ClientSamples.Unchanged("busy"))]);

        await _cluster.Time.DriveAsync(_cluster.Session().CheckpointAsync(1, "m"));

        Assert.Equal(
            new[] { 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000 }.Select(ms => TimeSpan.FromMilliseconds(ms * part)),
            _cluster.Time.Waits);
    }

    [Fact]
    public async Task CheckpointAsync_Cancelled_StopsWithTheCallersToken()
    {
        using var cancellation = new CancellationTokenSource();
        _cluster.OnRaw(nameof(ISessionGrain.CreateAsync), _ => new TaskCompletionSource<CreateResult>().Task);

        var call = _cluster.Session().CheckpointAsync(1, "m", cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();

        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancellation.Token, error.CancellationToken);
        Assert.Single(_cluster.Calls);
    }

    [Fact]
    public async Task SetSettingsAsync_OfATenantAfterATimeOut_IsNotMadeAgain()
    {
        _cluster.Fail(new TimeoutException());

        await Assert.ThrowsAsync<UnavailableException>(() => _cluster.Tenant("t").SetSettingsAsync(new()));

        Assert.Equal("t/t", Assert.Single(_cluster.Calls).Key);
    }

    private static Exception Failure(string name) => name is "busy" or "unavailable" or "moved" or "gateway busy"
        ? ClientSamples.Unchanged(name)
        : ClientSamples.Unknown(name);

    private List<NewCheckpoint> Sent() => [.. _cluster.Calls.Select(c => c.Argument<NewCheckpoint>())];
}
