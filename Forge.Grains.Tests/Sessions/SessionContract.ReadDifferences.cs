using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>States that are read by callers that have another one.</summary>
public abstract partial class SessionContract
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Get_ByACallerThatHasALikeState_IsTheDifference(bool byId, bool isForgotten)
    {
        var session = Forge.Session(Make.Id());
        var state = Bytes(new Random(4), 9000);
        byte[] next = [.. state[..8000], 1, 2, 3, .. state[8001..]];
        var first = (await session.CreateAsync(Blob(state))).Checkpoint!;
        var second = (await session.CreateAsync(Blob(next))).Checkpoint!;
        await session.AnnotateAsync(2, AnnotationSeverity.Info, "note");
        if (isForgotten)
        {
            await Forge.EndActivationsAsync();
        }

        var (newer, older) = (
            await GetAsync(session, 2, byId ? first.Id : first.Sequence), await GetAsync(session, first.Id, byId ? second.Id : second.Sequence));

        var whole = (await session.GetAsync(2))!;
        MustBe(newer, byId ? first.Id : first.Sequence, 8000, [1, 2, 3], 999, next);
        MustBe(older, byId ? second.Id : second.Sequence, 8000, [state[8000]], 999, state);
        Assert.Equivalent(whole.Summary, newer.Summary, strict: true);
        Assert.Equivalent(whole.Annotations, newer.Annotations, strict: true);
    }

    [Fact]
    public async Task Get_ByACallerThatHasThatState_CarriesNothing()
    {
        var session = Forge.Session(Make.Id());
        var state = Bytes(new Random(5), 5000);
        var first = (await session.CreateAsync(Blob(state))).Checkpoint!;

        MustBe(await GetAsync(session, CheckpointReference.Latest, 1), 1, 5000, [], 0, state);
        MustBe(await GetAsync(session, 1, first.Id), first.Id, 5000, [], 0, state);
    }

    [Fact]
    public async Task Get_ByACallerWhoseStateIsOfNoUse_IsWhole()
    {
        var session = Forge.Session(Make.Id());
        var state = Bytes(new Random(6), 1000);
        await session.CreateAsync(Blob(state));
        await session.CreateAsync(Blob(Bytes(new Random(7), 1000)));
        var gone = (await session.CreateAsync(Blob(state))).Checkpoint!;
        await session.DeleteAsync(3);

        foreach (var have in new CheckpointReference[] { 2, 3, gone.Id, 99, new CheckpointId(Guid.NewGuid()) })
        {
            var read = await GetAsync(session, 1, have);
            Assert.Null(read.Difference);
            Assert.Equal(state, read.State.ToArray());
        }

        Assert.Null(await session.RunAsync(new GetCheckpoint(99) { Have = 1 }));
    }

    [Theory]
    [InlineData(499, false)]
    [InlineData(500, true)]
    public async Task Get_WhatSparesHalf_IsADifference(int common, bool isDifference)
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync(Blob([.. Enumerable.Repeat((byte)1, common), .. Enumerable.Repeat((byte)2, 1000 - common)]));
        await session.CreateAsync(Blob([.. Enumerable.Repeat((byte)1, common), .. Enumerable.Repeat((byte)3, 1000 - common)]));

        Assert.Equal(isDifference, (await GetAsync(session, 2, 1)).Difference is not null);
    }

    [Fact]
    public async Task GetOrRestore_WhatTheCallerHasIsNoOneCheckpoint_IsRefused()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync("1");
        foreach (var have in new[] { CheckpointReference.Latest, CheckpointReference.Current, CheckpointReference.None, CheckpointReference.LatestOf("b") })
        {
            var get = await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new GetCheckpoint(1) { Have = have }));
            var restore = await Assert.ThrowsAsync<InvalidRequestException>(() => session.RunAsync(new RestoreCheckpoint(1) { Have = have }));
            Assert.Equal(("have", "have"), (get.Field, restore.Field));
        }

        Assert.Equal(1, (await session.GetInfoAsync())!.LastPosition);
    }

    [Fact]
    public async Task Restore_ByACallerThatHasALikeState_IsTheDifferenceHoweverOftenItIsMade()
    {
        var session = Forge.Session(Make.Id());
        var state = Bytes(new Random(8), 6000);
        await session.CreateAsync(Blob(state));
        await session.CreateAsync(Blob([.. state, 1, 2]));
        var request = new ChangeRequest(Guid.CreateVersion7(), FirstAttempt: false);

        var tried = await session.RunAsync(new RestoreCheckpoint(1, DryRun: true) { Have = 2 });
        var first = await session.RunAsync(new RestoreCheckpoint(1) { Have = 2, Request = request });
        var again = await session.RunAsync(new RestoreCheckpoint(1) { Have = 2, Request = request });
        var whole = await session.RunAsync(new RestoreCheckpoint(1) { Request = request });

        Assert.All([tried, first, again], result => MustBe(result.Checkpoint!, 2, 6000, [], 0, state));
        Assert.Null(whole.Checkpoint!.Difference);
        Assert.Equal(state, whole.Checkpoint.State.ToArray());
        Assert.Equal(first.Anchor, whole.Anchor);
        Assert.Equal(1, (await session.GetInfoAsync())!.Current!.Value.Sequence);
        await Assert.ThrowsAsync<RequestConflictException>(() => session.RunAsync(new RestoreCheckpoint(2) { Have = 2, Request = request }));
    }

    private static async Task<Checkpoint> GetAsync(ISessionGrain session, CheckpointReference checkpoint, CheckpointReference have) =>
        (await session.RunAsync(new GetCheckpoint(checkpoint) { Have = have }))!;

    private static void MustBe(Checkpoint read, CheckpointReference from, int front, byte[] between, int end, byte[] whole)
    {
        var difference = read.Difference!;
        Assert.Equal((from, front, end), (difference.Base, difference.Front, difference.End));
        Assert.Equal(between, read.State.ToArray());
        Assert.Equal(SHA256.HashData(whole), difference.Checksum.ToArray());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(whole)), read.Summary.Checksum);
        Assert.Equal(whole.Length, read.Summary.Size);
    }
}
