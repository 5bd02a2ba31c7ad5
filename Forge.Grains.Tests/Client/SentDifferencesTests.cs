using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Client;

/// <summary>When a handle sends a state as a difference, and what it does if that is not taken.</summary>
public sealed class SentDifferencesTests
{
    private readonly FakeCluster _cluster = new FakeCluster()
        .On(nameof(ISessionGrain.CreateAsync), Created)
        .On(nameof(ISessionGrain.CreateByDifferenceAsync), Created);

    private readonly byte[] _state = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * i / 7))];

    [Fact]
    public async Task Checkpoint_BehindOneThatItSaved_SendsTheBytesBetween()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "first");
        byte[] next = [.. _state[..9000], 1, 2, 3, .. _state[9001..]];

        var made = await session.CheckpointAsync(next, "second");

        Assert.Equal([nameof(ISessionGrain.CreateAsync), nameof(ISessionGrain.CreateByDifferenceAsync)], _cluster.Calls.Select(c => c.Method));
        var (first, second) = (_cluster.Calls[0].Argument<NewCheckpoint>(), _cluster.Calls[1].Argument<NewCheckpoint>());
        var difference = _cluster.Calls[1].Argument<StateDifference>();
        Assert.Equal((first.Id, 9000, 999), (difference.Base.Id, difference.Front, difference.End));
        Assert.Equal(new byte[] { 1, 2, 3 }, second.State.ToArray());
        Assert.Equal(SHA256.HashData(next), difference.Checksum.ToArray());
        Assert.Equal((second.Id, true, "second"), (made.Checkpoint!.Id, second.FirstAttempt, second.Message));
    }

    [Fact]
    public async Task Checkpoint_ManyInARow_EachIsADifferenceFromTheOneBefore()
    {
        var (session, state) = (_cluster.Session(), _state);
        await session.CheckpointAsync(state, "first");
        for (var i = 1; i <= 20; i++)
        {
            state = [.. state, (byte)i];

            await session.CheckpointAsync(state, "next");

            var (difference, before) = (_cluster.Calls[i].Argument<StateDifference>(), _cluster.Calls[i - 1].Argument<NewCheckpoint>());
            Assert.Equal((before.Id, state.Length - 1, 0), (difference.Base.Id, difference.Front, difference.End));
            Assert.Equal(new[] { (byte)i }, _cluster.Calls[i].Argument<NewCheckpoint>().State.ToArray());
        }
    }

    [Fact]
    public async Task Checkpoint_BaseThatTheServerDoesNotKnow_IsSentWholeUnderTheSameId()
    {
        foreach (var refusal in new ForgeException[]
        {
            new BaseUnknownException(ClientSamples.Address, 1, "is not there"), new StateMismatchException(ClientSamples.Address, "a", "b"),
        })
        {
            var session = _cluster.Session();
            await session.CheckpointAsync(_state, "first");
            _cluster.Calls.Clear();
            _cluster.Fail(refusal);
            byte[] next = [.. _state, 1];

            await session.CheckpointAsync(next, "second");
            await session.CheckpointAsync([.. next, 2], "third");

            Assert.Equal(
                [nameof(ISessionGrain.CreateByDifferenceAsync), nameof(ISessionGrain.CreateAsync), nameof(ISessionGrain.CreateByDifferenceAsync)],
                _cluster.Calls.Select(c => c.Method));
            var (tried, whole) = (_cluster.Calls[0].Argument<NewCheckpoint>(), _cluster.Calls[1].Argument<NewCheckpoint>());
            Assert.Equal((tried.Id, true), (whole.Id, whole.FirstAttempt));
            Assert.Equal(next, whole.State.ToArray());
            Assert.Equal(whole.Id, _cluster.Calls[2].Argument<StateDifference>().Base.Id);
            _cluster.Calls.Clear();
        }
    }

    [Fact]
    public async Task Checkpoint_AnswerThatIsLost_IsSentAgainAsNoFirstAttempt()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "first");
        _cluster.Fail(new TimeoutException());
        byte[] next = [.. _state, 1];

        await _cluster.Time.DriveAsync(session.CheckpointAsync(next, "second"));
        await session.CheckpointAsync([.. next, 2], "third");

        Assert.All(_cluster.Calls.Skip(1), call => Assert.Equal(nameof(ISessionGrain.CreateByDifferenceAsync), call.Method));
        Assert.Equal([true, true, false, true], _cluster.Calls.Select(c => c.Argument<NewCheckpoint>().FirstAttempt));
        Assert.Equal(_cluster.Calls[1].Argument<NewCheckpoint>().Id, _cluster.Calls[2].Argument<NewCheckpoint>().Id);
        Assert.Equal(_cluster.Calls[2].Argument<NewCheckpoint>().Id, _cluster.Calls[3].Argument<StateDifference>().Base.Id);
    }

    [Fact]
    public async Task Checkpoint_RefusalComesWhenItIsGivenUp_SendsNothingMore()
    {
        var (session, answer) = (_cluster.Session(), new TaskCompletionSource<CreateResult>());
        await session.CheckpointAsync(_state, "first");
        _cluster.OnRaw(nameof(ISessionGrain.CreateByDifferenceAsync), _ => answer.Task);
        using var cancellation = new CancellationTokenSource();
        var second = session.CheckpointAsync((byte[])[.. _state, 1], "second", cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        // What goes on behind it goes on here, in this call.
        answer.SetException(new BaseUnknownException(ClientSamples.Address, 1, "is not there"));

        Assert.Equal([nameof(ISessionGrain.CreateAsync), nameof(ISessionGrain.CreateByDifferenceAsync)], _cluster.Calls.Select(c => c.Method));
    }

    [Fact]
    public async Task Checkpoint_SmallOrUnlikeOrOfAnotherHandleOrNotTaken_IsSentWhole()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state[..4000], "small");
        await session.CheckpointAsync(_state[..4001], "small");
        await session.CheckpointAsync(_state, "first");
        await session.CheckpointAsync((byte[])[.. _state.Select(b => (byte)~b)], "unlike");
        await _cluster.Session("other").CheckpointAsync(_state, "of another handle");
        await session.OnBranch("b").CheckpointAsync(_state, "of another branch");

        Assert.All(_cluster.Calls, call => Assert.Equal(nameof(ISessionGrain.CreateAsync), call.Method));
    }

    [Fact]
    public async Task Checkpoint_NothingMayBeKept_IsSentWhole()
    {
        _cluster.Options.BaseBytes = 0;
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "first");
        await session.CheckpointAsync(_state, "second");

        _cluster.Options.BaseBytes = 20_000;
        session = _cluster.Session();
        await session.CheckpointAsync(_state, "more than a quarter");
        await session.CheckpointAsync(_state, "second");

        Assert.All(_cluster.Calls, call => Assert.Equal(nameof(ISessionGrain.CreateAsync), call.Method));
    }

    [Fact]
    public async Task Checkpoint_TheCallersMemoryChangesBehindIt_IsADifferenceFromWhatWasSaved()
    {
        var session = _cluster.Session();
        var mine = _state.ToArray();
        await session.CheckpointAsync(mine, "first");
        mine[5000] ^= 1;

        await session.CheckpointAsync(mine, "second");

        var difference = _cluster.Calls[1].Argument<StateDifference>();
        Assert.Equal((5000, 4999), (difference.Front, difference.End));
    }

    private static CreateResult Created(object?[] arguments) =>
        new(CreateOutcome.Created, ClientSamples.Summary((NewCheckpoint)arguments[0]!));
}
