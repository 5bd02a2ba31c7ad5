using Forge.History.Deltas;

namespace Forge.Grains.Tests.History.Deltas;

public sealed class StateBuffersTests
{
    private const int Large = (1024 * 1024) + 1;

    [Fact]
    public void Rent_LargeArrayThatWasReturned_IsNotKeptForTheThread()
    {
        var first = StateBuffers.Rent(Large);
        StateBuffers.Return(first);

        var second = StateBuffers.Rent(Large);

        Assert.NotSame(first, second);
        Assert.Equal((Large, Large), (first.Length, second.Length));
    }

    [Theory]
    [InlineData(10, 4)]
    [InlineData(10, 10)]
    [InlineData(Large, 4)]
    [InlineData(Large, Large)]
    public void Keep_FrontOfAnArray_HasItsBytesAndLittleMore(int rented, int length)
    {
        var buffer = StateBuffers.Rent(rented);
        new Random(3).NextBytes(buffer);
        var front = buffer[..length];

        var kept = StateBuffers.Keep(buffer, length);

        Assert.True(kept.Span.SequenceEqual(front));
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(kept, out var array));
        Assert.InRange(array.Array!.Length, length, 2 * length);
    }
}
