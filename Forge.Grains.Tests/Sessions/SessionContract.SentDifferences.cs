using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionContract
{
    [Theory]
    [InlineData(8)]
    [InlineData(300)]
    [InlineData(70_000)]
    public async Task CreateByDifference_OfAnyLengths_IsAsIfItHadComeWhole(int length)
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var (session, whole) = (Forge.Session(Make.Id()), Forge.Session(Make.Id()));
        var state = Bytes(random, length);
        await session.CreateAsync(Blob(state));
        await whole.CreateAsync(Blob(state));
        for (var sequence = 2; sequence < 12; sequence++)
        {
            var (front, end) = (random.Next(state.Length + 1), 0);
            end = random.Next(state.Length - front + 1);
            var between = Bytes(random, random.Next(20) + (front + end == 0 ? 1 : 0));
            byte[] next = [.. state[..front], .. between, .. state[^end..]];

            var made = await session.CreateByDifferenceAsync(
                Blob(between), Difference(sequence - 1, front, end, next), TestContext.Current.CancellationToken);
            await whole.CreateAsync(Blob(next));

            Assert.Equal((sequence, next.Length), (made.Checkpoint!.Sequence, made.Checkpoint.Size));
            var (read, expected) = (await session.GetAsync(sequence), await whole.GetAsync(sequence));
            Assert.Equal(next, read!.State.ToArray());
            Assert.Equal(expected!.Summary.Checksum, read.Summary.Checksum);
            state = next;
        }
    }

    [Fact]
    public async Task CreateByDifference_BaseThatTheSiloHasForgotten_IsReadOnce()
    {
        var session = Forge.Session(Make.Id());
        var state = Bytes(new Random(1), 9000);
        var first = (await session.CreateAsync(Blob(state))).Checkpoint!;
        await Forge.EndActivationsAsync();
        byte[] next = [.. state, 1, 2, 3];

        await session.CreateByDifferenceAsync(Blob([1, 2, 3]), Difference(first.Id, state.Length, 0, next), TestContext.Current.CancellationToken);

        Assert.Equal(next, (await session.GetAsync(2))!.State.ToArray());
    }

    [Fact]
    public async Task CreateByDifference_OnAnotherBranchOfAnotherParent_TakesTheBaseThatIsNamed()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync(Blob([1, 1, 1, 1]));
        await session.CreateAsync(Blob([2, 2, 2, 2]));

        var made = await session.CreateByDifferenceAsync(
            Blob([9]) with { Branch = "b", Parent = 2 }, Difference(1, 2, 1, [1, 1, 9, 1]), TestContext.Current.CancellationToken);

        Assert.Equal((3, 2, "b"), (made.Checkpoint!.Sequence, made.Checkpoint.Parent, made.Checkpoint.Branch));
        Assert.Equal(new byte[] { 1, 1, 9, 1 }, (await session.GetAsync(3))!.State.ToArray());
    }

    [Fact]
    public async Task CreateByDifference_BaseThatCannotBeUsed_ChangesNothing()
    {
        var session = Forge.Session(Make.Id());
        byte[] state = [1, 2, 3, 4];
        await session.CreateAsync(Blob(state));
        await session.CreateAsync(Blob(state));
        await session.DeleteAsync(2);

        foreach (var (from, front, end) in new (CheckpointReference, int, int)[]
        {
            (2, 1, 1), (7, 1, 1), (new CheckpointId(Guid.NewGuid()), 0, 0), (1, 5, 0), (1, 0, 5), (1, 3, 2), (1, int.MaxValue, int.MaxValue),
        })
        {
            var error = await Assert.ThrowsAsync<BaseUnknownException>(() => session.CreateByDifferenceAsync(
                Blob([7]), Difference(from, front, end, state), TestContext.Current.CancellationToken));
            Assert.Equal((from, "base_unknown"), (error.Base, error.Code));
        }

        Assert.Equal((1, 2), ((await session.GetInfoAsync())!.Count, (await session.GetInfoAsync())!.LastSequence));
    }

    [Fact]
    public async Task CreateByDifference_OtherStateThanTheSha256IsOf_ChangesNothing()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync(Blob([1, 2, 3, 4]));

        var error = await Assert.ThrowsAsync<StateMismatchException>(() => session.CreateByDifferenceAsync(
            Blob([7]), Difference(1, 2, 1, [1, 2, 8, 4]), TestContext.Current.CancellationToken));

        Assert.Equal(
            (Convert.ToHexStringLower(SHA256.HashData([1, 2, 8, 4])), Convert.ToHexStringLower(SHA256.HashData([1, 2, 7, 4])), "state_mismatch"),
            (error.Expected, error.Actual, error.Code));
        Assert.Equal(1, (await session.GetInfoAsync())!.LastSequence);
    }

    [Fact]
    public async Task CreateByDifference_BadNumbers_NamesTheField()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync(Blob([1, 2, 3, 4]));
        var good = Difference(1, 2, 1, [1, 2, 7, 4]);

        foreach (var (difference, field) in new[]
        {
            (good with { Front = -1 }, "difference.front"),
            (good with { End = -1 }, "difference.end"),
            (good with { Checksum = new byte[31] }, "difference.sha256"),
            (good with { Base = CheckpointReference.Latest }, "difference.base"),
            (good with { Base = CheckpointReference.Current }, "difference.base"),
            (good with { Base = CheckpointReference.None }, "difference.base"),
        })
        {
            var error = await Assert.ThrowsAsync<InvalidRequestException>(
                () => session.CreateByDifferenceAsync(Blob([7]), difference, TestContext.Current.CancellationToken));
            Assert.Equal(field, error.Field);
        }

        await Assert.ThrowsAsync<InvalidRequestException>(
            () => session.CreateByDifferenceAsync(Blob([]), Difference(1, 0, 0, []), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task CreateByDifference_MadeAgain_IsARepeatOfTheFirst()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateAsync(Blob([1, 2, 3, 4]));
        var (checkpoint, difference) = (Blob([7]) with { Id = new CheckpointId(Guid.NewGuid()) }, Difference(1, 2, 1, [1, 2, 7, 4]));
        var first = await session.CreateByDifferenceAsync(checkpoint, difference, TestContext.Current.CancellationToken);

        var again = await session.CreateByDifferenceAsync(checkpoint, difference, TestContext.Current.CancellationToken);
        var whole = await session.CreateAsync(checkpoint with { State = new byte[] { 1, 2, 7, 4 } });

        Assert.Equal((CreateOutcome.Repeated, CreateOutcome.Repeated), (again.Outcome, whole.Outcome));
        Assert.Equal((first.Checkpoint!.Id, first.Checkpoint.Id), (again.Checkpoint!.Id, whole.Checkpoint!.Id));
        Assert.Equal(2, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task CreateByDifference_ManyAtOnceOfOneBase_AreAllWhatTheyGive()
    {
        var session = Forge.Session(Make.Id());
        var state = Bytes(new Random(2), 20_000);
        await session.CreateAsync(Blob(state));

        var made = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => session.CreateByDifferenceAsync(
            Blob([(byte)i]), Difference(1, i * 300, state.Length - (i * 300), [.. state[..(i * 300)], (byte)i, .. state[(i * 300)..]]),
            TestContext.Current.CancellationToken)));

        for (var i = 0; i < made.Length; i++)
        {
            byte[] expected = [.. state[..(i * 300)], (byte)i, .. state[(i * 300)..]];
            Assert.Equal(expected, (await session.GetAsync(made[i].Checkpoint!.Sequence))!.State.ToArray());
        }
    }

    private static NewCheckpoint Blob(byte[] state) => Make.Checkpoint() with { State = state, ContentType = "application/octet-stream" };

    private static StateDifference Difference(CheckpointReference from, int front, int end, byte[] whole) =>
        new() { Base = from, Front = front, End = end, Checksum = SHA256.HashData(whole) };

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
