using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Errors;
using Forge.Integrity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Client;

/// <summary>What the client keeps of its sessions' logs, and sends along.</summary>
public class AnchorTests
{
    private const string Chain = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private readonly FakeCluster _cluster = new();
    private long _position;

    public AnchorTests() => _cluster
        .On(nameof(ISessionGrain.CreateAsync), _ => new CreateResult(CreateOutcome.Created, Summary(++_position)))
        .On<IReadOnlyList<CreateResult>>(
            nameof(ISessionGrain.CreateBatchAsync), _ => [new(CreateOutcome.Created, Summary(++_position)), new(CreateOutcome.Created, Summary(++_position))])
        .On<CheckpointSummary?>(nameof(GetSummary), _ => Summary(1))
        .On(nameof(CompactSession), _ => new CompactResult(0, 1, 0) { Anchor = new Anchor(++_position, Chain) })
        .OnRaw(nameof(ISessionGrain.ConfirmAsync), _ => Task.CompletedTask);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_OfAllHandlesOfASession_BringTheNewestThatAnyWasTold()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(1, "m", cancellationToken: Cancel);
        await session.OnBranch("b").CheckpointAsync(1, "m", cancellationToken: Cancel);
        await session.GetSummaryAsync(1, Cancel);
        await session.CompactAsync(cancellationToken: Cancel);
        await session.CheckpointBatchAsync([session.NewCheckpoint(1, "a"), session.NewCheckpoint(2, "b")], Cancel);
        await session.WithSerializer(_cluster.Options.Serializer).CheckpointAsync(1, "m", cancellationToken: Cancel);

        Assert.Equal([null, 1, 2, 2, 3, 5], _cluster.Calls.Select(AnchorOf));
        Assert.Equal(new Anchor(6, Chain), session.NewestAnchor);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("change")]
    [InlineData("create")]
    [InlineData("batch")]
    public async Task Call_MadeAgain_BringsTheNewestThatAnyWasToldMeanwhile(string call)
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(1, "m", cancellationToken: Cancel);
        _cluster.Fail(new BusyException("session", "is busy"));

        // It waits to be made again, by the clock of the test, while another one is told more.
        var second = WaitAsync();
        await session.OnBranch("b").CheckpointAsync(1, "m", cancellationToken: Cancel);
        await _cluster.Time.DriveAsync(second);

        Assert.Equal([null, 1, 1, 2], _cluster.Calls.Select(AnchorOf));

        async Task<bool> WaitAsync()
        {
            await CallAsync();
            return true;
        }

        Task CallAsync() => call switch
        {
            "read" => session.GetSummaryAsync(1, Cancel),
            "change" => session.CompactAsync(cancellationToken: Cancel),
            "create" => session.CheckpointAsync(1, "m", cancellationToken: Cancel),
            _ => session.CheckpointBatchAsync([session.NewCheckpoint(1, "a"), session.NewCheckpoint(2, "b")], Cancel),
        };
    }

    [Fact]
    public async Task Calls_AfterClaimsAndEffects_BringWhatTheseWereTold()
    {
        _cluster
            .On(nameof(ClaimSession), _ => new SessionClaim(1, "a", null) { Anchor = new Anchor(++_position, Chain) })
            .On(nameof(BeginEffect), _ => new BeginEffectResult(true, Told()))
            .On(nameof(CompleteEffect), _ => Told());
        var session = await _cluster.Session().ClaimAsync("a", cancellationToken: Cancel);
        await session.BeginEffectAsync(new BeginEffect("k", EffectClass.Write, "request"), cancellationToken: Cancel);
        await session.CompleteEffectAsync("k", 1, "1"u8.ToArray(), cancellationToken: Cancel);
        await session.GetSummaryAsync(1, Cancel);

        Assert.Equal([null, 1, 2, 3], _cluster.Calls.Select(AnchorOf));

        Effect Told() => new()
        {
            Summary = new EffectSummary("k", EffectClass.Write, EffectStatus.Running, 1, 0, default, null, default),
            RequestSha256 = Chain,
            TargetKey = "t",
            Anchor = new Anchor(++_position, Chain),
        };
    }

    [Fact]
    public async Task Verify_OfALogThatLostWhatWasTold_LeavesTheAnchorOfIt()
    {
        var session = _cluster.Session();
        _cluster.OnRaw(nameof(ISessionGrain.VerifyAsync), _ => Once(new VerifyResult { Valid = 1, Invalid = 0, Head = new Anchor(9, Chain) }));
        await session.CheckpointAsync(1, "m", cancellationToken: Cancel);

        var result = await session.VerifyAsync(cancellationToken: Cancel);

        Assert.Equal((9L, 1L), (result.Head?.Position, session.NewestAnchor?.Position));

        static async IAsyncEnumerable<VerifyResult> Once(VerifyResult result)
        {
            await Task.CompletedTask;
            yield return result;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fork_OfASessionThatLostWhatWasTold_IsNotMade(bool dryRun)
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(1, "m", cancellationToken: Cancel);
        _cluster.Fail(new HistoryRewrittenException(session.Address, 1, "the log ends at 0"));

        await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.ForkAsync(1, "made", dryRun: dryRun, cancellationToken: Cancel));

        Assert.Equal([nameof(ISessionGrain.CreateAsync), nameof(ISessionGrain.ConfirmAsync)], _cluster.Calls.Select(call => call.Method));
    }

    [Fact]
    public async Task ForgetAnchor_OfARewrittenSession_LetsItsCallsGoOn()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(1, "m", cancellationToken: Cancel);
        _cluster.Fail(new HistoryRewrittenException(session.Address, 1, "the log ends at 0"));

        var error = await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.GetSummaryAsync(1, Cancel));
        session.ForgetAnchor();
        await session.CheckpointAsync(1, "m", cancellationToken: Cancel);

        Assert.Equal("history_rewritten", error.Code);
        Assert.Equal([null, 1, null], _cluster.Calls.Select(AnchorOf));
        Assert.Equal(2, session.NewestAnchor?.Position);
    }

    [Fact]
    public async Task KeepAnchor_OfAnotherProcess_IsHeldAgainstTheLogAndSentFromThenOn()
    {
        var session = _cluster.Session();
        await session.KeepAnchorAsync(new Anchor(7, Chain), Cancel);
        await session.GetSummaryAsync(1, Cancel);
        _cluster.Fail(new HistoryRewrittenException(session.Address, 9, "the log ends at 8"));
        await Assert.ThrowsAsync<HistoryRewrittenException>(() => session.KeepAnchorAsync(new Anchor(9, Chain), Cancel));

        Assert.Equal(7, AnchorOf(_cluster.Calls[1]));
        Assert.Equal(new Anchor(7, Chain), session.NewestAnchor);
    }

    [Fact]
    public async Task Calls_WithoutRoomForAnchors_BringNone()
    {
        _cluster.Options.Anchors = 0;
        var session = _cluster.Session();
        await session.CheckpointAsync(1, "m", cancellationToken: Cancel);
        await session.CheckpointAsync(1, "m", cancellationToken: Cancel);

        Assert.Equal([null, null], _cluster.Calls.Select(AnchorOf));
        Assert.Null(session.NewestAnchor);
    }

    private static long? AnchorOf(GrainCall call) => call.Arguments[0] switch
    {
        NewCheckpoint created => created.Anchor,
        IReadOnlyList<NewCheckpoint> batch when batch.Skip(1).All(c => c.Anchor is null) => batch[0].Anchor,
        IOperation operation => (Anchor?)operation.GetType().GetProperty(nameof(Anchor))!.GetValue(operation),
        _ => throw new NotSupportedException(call.Method),
    } is { } anchor ? anchor.Position : null;

    private static CheckpointSummary Summary(long position) => ClientSamples.Summary(position) with { Position = position, Chain = Chain };
}
