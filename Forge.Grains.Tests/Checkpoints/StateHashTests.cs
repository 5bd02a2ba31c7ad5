using System.Security.Cryptography;
using Forge.Checkpoints;

namespace Forge.Grains.Tests.Checkpoints;

public sealed class StateHashTests
{
    [Fact]
    public void Of_StatesThatGrowAndAreEdited_IsTheirSha256()
    {
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var (state, before) = (Bytes(random, 20_000), (StateHash?)null);
        for (var i = 0; i < 300; i++)
        {
            var at = random.Next(3) == 0 ? random.Next(state.Length + 1) : state.Length - random.Next(3);
            byte[] next = [.. state[..at], .. Bytes(random, random.Next(600)), .. state[Math.Min(at + random.Next(2), state.Length)..]];

            var hash = StateHash.Of(next, SharedEnds.Of(state, next), before)!;

            Assert.True(SHA256.HashData(next).AsSpan().SequenceEqual(hash.Checksum), $"seed {seed}, state {i}");
            before?.Dispose();
            (state, before) = (next, hash);
        }
    }

    [Fact]
    public void Of_OneThatBeginsAsTheOneBefore_GoesOnFromThere()
    {
        var (state, other) = (Bytes(new Random(1), 20_000), Bytes(new Random(2), 20_000));
        var before = StateHash.Of(other, new SharedEnds(0, 100), null);

        // What is said to be common is not looked at, so that it shows which bytes were hashed.
        var taken = StateHash.Of(state, new SharedEnds(19_900, 50), before)!;
        var tooShort = StateHash.Of(state, new SharedEnds(19_899, 50), before)!;

        Assert.Equal(SHA256.HashData([.. other[..19_900], .. state[19_900..]]), taken.Checksum);
        Assert.Equal(SHA256.HashData(state), tooShort.Checksum);
    }

    [Fact]
    public void Of_SeveralThatFollowOne_AreEachTheirOwn()
    {
        var state = Bytes(new Random(3), 20_000);
        var before = StateHash.Of(state, new SharedEnds(0, 2), null);
        for (byte i = 0; i < 5; i++)
        {
            byte[] next = [.. state[..^2], i, .. state[^2..]];
            Assert.Equal(SHA256.HashData(next), StateHash.Of(next, new SharedEnds(19_998, 2), before)!.Checksum);
        }
    }

    [Fact]
    public void Of_AShortState_IsNothing() => Assert.Null(StateHash.Of(new byte[(16 * 1024) - 1], default, null));

    [Fact]
    public void ChecksumOf_AnyMemory_IsItsSha256()
    {
        var shared = SharedState.CopyOf(Bytes(new Random(4), 20_000));
        Assert.Equal(SHA256.HashData(shared.GetSpan()), StateHash.ChecksumOf(shared.Memory));
        var known = StateHash.Of(Bytes(new Random(5), 20_000), default, null)!;
        shared.Hash = known;

        Assert.Same(known.Checksum, StateHash.ChecksumOf(shared.Memory));
        Assert.Equal(SHA256.HashData(shared.GetSpan()[1..]), StateHash.ChecksumOf(shared.Memory[1..]));
        Assert.Equal(SHA256.HashData(shared.GetSpan()[..^1]), StateHash.ChecksumOf(shared.Memory[..^1]));
        Assert.Equal(SHA256.HashData([1, 2]), StateHash.ChecksumOf(new byte[] { 1, 2 }));
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
