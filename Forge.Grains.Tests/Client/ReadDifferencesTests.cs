using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Tests.Client;

/// <summary>When a handle asks for a state as a difference, and what it does if what comes does not go with what it has.</summary>
public sealed class ReadDifferencesTests
{
    private readonly FakeCluster _cluster = new();
    private readonly byte[] _state = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * i / 7))];
    private readonly byte[] _other;
    private Func<CheckpointReference?, Checkpoint?> _answer;

    public ReadDifferencesTests()
    {
        _other = [.. _state[..9000], 1, 2, 3, .. _state[9001..]];
        _answer = have => have is null ? Stored(_other) : Differing(have.Value);
        _cluster.On(nameof(ISessionGrain.CreateAsync), arguments =>
            new CreateResult(CreateOutcome.Created, ClientSamples.Summary((NewCheckpoint)arguments[0]!)));
        _cluster.On(nameof(ISessionGrain.CreateByDifferenceAsync), arguments =>
            new CreateResult(CreateOutcome.Created, ClientSamples.Summary((NewCheckpoint)arguments[0]!)));
        _cluster.On(nameof(GetCheckpoint), arguments => _answer(((GetCheckpoint)arguments[0]!).Have));
        _cluster.On(nameof(RestoreCheckpoint), arguments => new RestoreResult(_answer(((RestoreCheckpoint)arguments[0]!).Have), null));
    }

    private IEnumerable<CheckpointReference?> Asked => _cluster.Calls.Select(call => call.Arguments[0] switch
    {
        GetCheckpoint get => get.Have,
        RestoreCheckpoint restore => restore.Have,
        _ => null,
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_BehindAStateThatItSaved_AsksForTheDifferenceAndMakesItWhole(bool restores)
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "saved");

        var read = await ReadAsync(session, restores);

        Assert.Equal([null, CheckpointReference.ById(Saved(0))], Asked);
        Assert.Equal(_other, read!.State.ToArray());
        Assert.Null(read.Difference);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_WhatWasRead_IsWhatTheNextDiffersFrom(bool restores)
    {
        var session = _cluster.Session();
        _answer = _ => Stored(_other);

        var first = await ReadAsync(session, restores);
        await ReadAsync(session, restores);
        await session.CheckpointAsync((byte[])[.. _other, 4], "next");

        // The silo would have to read it again, too.
        Assert.Equal([null, null, null], Asked);
        var difference = _cluster.Calls[2].Argument<StateDifference>();
        Assert.Equal((first!.Summary.Id, _other.Length, 0), (difference.Base.Id, difference.Front, difference.End));
        Assert.Equal(new byte[] { 4 }, _cluster.Calls[2].Argument<NewCheckpoint>().State.ToArray());
    }

    [Fact]
    public async Task Get_BetweenTwoSaves_LeavesWhatTheNextDiffersFrom()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "saved");
        await session.GetAsync(1);
        await session.GetAsync(1);
        await session.CheckpointAsync((byte[])[.. _state, 4], "next");
        _answer = _ => Stored(_other);
        await session.RestoreAsync(1);
        await session.CheckpointAsync((byte[])[.. _other, 4], "from the restored one");

        Assert.Equal([null, CheckpointReference.ById(Saved(0)), CheckpointReference.ById(Saved(0)), null, CheckpointReference.ById(Saved(3)), null], Asked);
        Assert.Equal(Saved(0), _cluster.Calls[3].Argument<StateDifference>().Base.Id);
        Assert.Equal(Stored(_other).Summary.Id, _cluster.Calls[5].Argument<StateDifference>().Base.Id);
    }

    [Fact]
    public async Task Read_NothingIsHeld_AsksForAllOfIt()
    {
        await _cluster.Session().GetAsync(1);
        _answer = _ => Stored(_state[..4000]);
        var session = _cluster.Session();
        await session.GetAsync(1);
        await session.GetAsync(1);
        _cluster.Options.BaseBytes = 0;
        session = _cluster.Session();
        await session.CheckpointAsync(_state, "m");
        await session.RestoreAsync(1);
        var inASilo = new ForgeClient(_cluster.Grains, Options.Create(new ForgeClientOptions()), _cluster.Time).Session("s");
        await inASilo.CheckpointAsync(_state, "m");
        await inASilo.GetAsync(1);

        Assert.All(Asked, Assert.Null);
    }

    [Fact]
    public async Task Read_SiloThatKnowsNoDifferences_TakesTheState()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "saved");
        _answer = _ => Stored(_other);

        Assert.Equal(_other, (await session.GetAsync(1))!.State.ToArray());
        Assert.Equal(2, _cluster.Calls.Count);
    }

    [Fact]
    public async Task Read_NotThere_IsNull()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "saved");
        _answer = _ => null;

        Assert.Null(await session.GetAsync(1));
        Assert.Null((await session.RestoreAsync(1)).Checkpoint);
        Assert.Equal(3, _cluster.Calls.Count);
    }

    [Theory]
    [InlineData("checksum")]
    [InlineData("base")]
    [InlineData("front")]
    [InlineData("end")]
    [InlineData("both")]
    public async Task Get_AnswerThatDoesNotFit_ReadsAllOfIt(string wrong)
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "saved");
        _answer = have => have is null ? Stored(_other) : Spoilt(Differing(have.Value), wrong);

        var read = await session.GetAsync(1);

        Assert.Equal(_other, read!.State.ToArray());
        Assert.Equal([null, CheckpointReference.ById(Saved(0)), null], Asked);
    }

    [Fact]
    public async Task Restore_AnswerThatDoesNotFit_IsMadeAgainUnderTheSameId()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "saved");
        _answer = have => have is null ? Stored(_other) : Spoilt(Differing(have.Value), "checksum");

        var restored = await session.RestoreAsync(1);

        Assert.Equal(_other, restored.Checkpoint!.State.ToArray());
        Assert.Equal([null, CheckpointReference.ById(Saved(0)), null], Asked);
        var requests = _cluster.Calls.Skip(1).Select(call => call.Request).ToArray();
        Assert.Equal(requests[0].Id, requests[1].Id);
        Assert.NotEqual(Guid.Empty, requests[0].Id);
        Assert.Equal((true, false), (requests[0].FirstAttempt, requests[1].FirstAttempt));
    }

    [Fact]
    public async Task Read_WhatTheCallerWasGiven_StaysWhatItIs()
    {
        var session = _cluster.Session();
        await session.CheckpointAsync(_state, "saved");
        var read = await session.GetAsync(1);

        for (var i = 0; i < 20; i++)
        {
            await session.CheckpointAsync((byte[])[.. Enumerable.Repeat((byte)i, _other.Length)], "others take the memory");
        }

        Assert.Equal(_other, read!.State.ToArray());
    }

    private CheckpointId Saved(int call) => _cluster.Calls[call].Argument<NewCheckpoint>().Id;

    private static async Task<Checkpoint?> ReadAsync(SessionHandle session, bool restores) =>
        restores ? (await session.RestoreAsync(1)).Checkpoint : await session.GetAsync(1);

    private Checkpoint Differing(CheckpointReference have) => Stored(_other) with
    {
        State = new byte[] { 1, 2, 3 },
        Difference = new StateDifference { Base = have, Front = 9000, End = 999, Checksum = SHA256.HashData(_other) },
    };

    private static Checkpoint Spoilt(Checkpoint read, string wrong)
    {
        var difference = read.Difference!;
        return read with
        {
            Difference = wrong switch
            {
                "checksum" => difference with { Checksum = new byte[32] },
                "base" => difference with { Base = new CheckpointId(Guid.NewGuid()) },
                "front" => difference with { Front = -1 },
                "end" => difference with { End = 1001 },
                _ => difference with { Front = int.MaxValue, End = int.MaxValue },
            },
        };
    }

    private static Checkpoint Stored(byte[] state) => new()
    {
        Summary = ClientSamples.Summary(
            new NewCheckpoint { Id = new CheckpointId(new Guid(SHA256.HashData(state).AsSpan(0, 16))), Message = "m", State = state }),
        State = state,
    };
}
