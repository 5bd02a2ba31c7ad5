using System.Runtime.InteropServices;
using Forge.Checkpoints;

namespace Forge.Grains.Tests.Checkpoints;

public sealed class SharedStateTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(70_001)]
    [InlineData((1024 * 1024) + 1)]
    public void CopyOf_AnyLength_HasTheBytesAndNotTheMemory(int length)
    {
        var state = Bytes(length);
        var expected = state.ToArray();

        var copy = SharedState.CopyOf(state);
        state.AsSpan().Clear();

        Assert.Equal(expected, copy.Memory.ToArray());
        Assert.Equal(expected, copy.GetSpan().ToArray());
        Assert.InRange(copy.Capacity, length, Math.Max(16, 2 * length));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(3, 0, 2)]
    [InlineData(0, 5000, 1)]
    [InlineData(700_000, 1, 600_000)]
    public void Join_AnyLengths_IsOneBehindAnother(int front, int between, int end)
    {
        var bytes = Bytes(front + between + end);

        var joined = SharedState.Join(bytes.AsSpan(0, front), bytes.AsSpan(front, between), bytes.AsSpan(front + between));

        Assert.Equal(bytes, joined.Memory.ToArray());
    }

    [Fact]
    public void HoldOrCopy_WholeOfASharedState_IsTheSameOne()
    {
        var state = SharedState.CopyOf(Bytes(2000));

        Assert.Same(state, SharedState.HoldOrCopy(state.Memory));
    }

    [Fact]
    public void HoldOrCopy_PartOfASharedState_IsACopyOfThePart()
    {
        var state = SharedState.CopyOf(Bytes(2000));

        var part = SharedState.HoldOrCopy(state.Memory[10..1990])!;

        Assert.NotSame(state, part);
        Assert.Equal(state.Memory[10..1990].ToArray(), part.Memory.ToArray());
    }

    [Fact]
    public void HoldOrCopy_Array_IsACopy()
    {
        var bytes = Bytes(2000);
        var expected = bytes.ToArray();

        var copy = SharedState.HoldOrCopy(bytes)!;
        bytes.AsSpan().Clear();

        Assert.Equal(expected, copy.Memory.ToArray());
    }

    [Fact]
    public void HoldOrCopy_NobodyHoldsItAnyMore_IsNone()
    {
        var state = SharedState.CopyOf(Bytes(2000));
        state.LetGo();

        Assert.Null(SharedState.HoldOrCopy(state.Memory));
        Assert.Null(SharedState.HoldOrCopy(state.Memory[1..]));
    }

    [Fact]
    public void LetGo_ByTheLastHolder_MemoryIsUsedAgain()
    {
        // A collection between the two may take what the pool has; not each time.
        Assert.Contains(Enumerable.Range(0, 100), _ =>
        {
            var state = SharedState.CopyOf(Bytes(2000));
            var array = ArrayOf(state);
            SharedState.HoldOrCopy(state.Memory)!.LetGo();
            state.LetGo();
            return ReferenceEquals(array, ArrayOf(SharedState.CopyOf(Bytes(2000))));
        });
    }

    [Fact]
    public void LetGo_WhileAnotherHolds_MemoryIsNotUsedAgain()
    {
        var bytes = Bytes(2000);
        var state = SharedState.CopyOf(bytes);
        var held = SharedState.HoldOrCopy(state.Memory)!;
        state.LetGo();

        Assert.NotSame(ArrayOf(held), ArrayOf(SharedState.CopyOf(new byte[2000])));
        Assert.Equal(bytes, held.Memory.ToArray());
    }

    [Fact]
    public void LetGo_LargeOne_IsNotKeptForTheThread()
    {
        const int Large = (1024 * 1024) + 1;
        var state = SharedState.CopyOf(new byte[Large]);
        var array = ArrayOf(state);
        state.LetGo();

        Assert.NotSame(array, ArrayOf(SharedState.CopyOf(new byte[Large])));
    }

    [Fact]
    public void HoldOrCopy_BesideTheLastLetGo_NeverSharesWhatIsUsedAgain()
    {
        var bytes = Bytes(4000);
        for (var i = 0; i < 2000; i++)
        {
            var state = SharedState.CopyOf(bytes);
            SharedState? held = null;
            Parallel.Invoke(
                state.LetGo,
                () => held = SharedState.HoldOrCopy(state.Memory));
            var others = Enumerable.Range(0, 3).Select(_ => SharedState.CopyOf(new byte[4000])).ToList();

            Assert.True(held is null || held.GetSpan().SequenceEqual(bytes));
            held?.LetGo();
            others.ForEach(other => other.LetGo());
        }
    }

    [Fact]
    public void Give_WhoeverLetsGoLast_MemoryIsNeverUsedAgain()
    {
        var bytes = Bytes(2000);
        foreach (var givenLast in new[] { false, true })
        {
            var state = SharedState.CopyOf(bytes);
            var other = SharedState.HoldOrCopy(state.Memory)!;
            if (givenLast)
            {
                other.LetGo();
            }

            var given = state.Give();
            if (!givenLast)
            {
                other.LetGo();
            }

            Assert.All(Enumerable.Range(0, 100), _ => Assert.NotSame(ArrayOf(state), ArrayOf(SharedState.CopyOf(new byte[2000]))));
            Assert.Equal(bytes, given.ToArray());
        }
    }

    [Fact]
    public void HoldOrCopy_GivenAwayAndNobodyHoldsIt_IsACopy()
    {
        var bytes = Bytes(2000);
        var given = SharedState.CopyOf(bytes).Give();

        Assert.Equal(bytes, SharedState.HoldOrCopy(given)!.Memory.ToArray());
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static byte[] ArrayOf(SharedState state)
    {
        Assert.True(MemoryMarshal.TryGetArray<byte>(state.Memory, out var array));
        return array.Array!;
    }
}
