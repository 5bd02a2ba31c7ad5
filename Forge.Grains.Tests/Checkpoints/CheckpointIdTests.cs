using Forge.Identity;

namespace Forge.Grains.Tests.Checkpoints;

public sealed class CheckpointIdTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 0, 0, 1, TimeSpan.FromHours(5));

    [Fact]
    public void Create_ATime_IsAUuidVersion7OfIt()
    {
        var id = CheckpointId.Create(Time);

        Assert.Equal(7, id.Value.Version);
        Assert.InRange(id.Value.Variant, 0x8, 0xB);
        Assert.Equal(
            Guid.CreateVersion7(Time).ToByteArray(bigEndian: true)[..6], id.Value.ToByteArray(bigEndian: true)[..6]);
    }

    [Fact]
    public void Create_LaterTime_SortsBehind()
    {
        var ids = Enumerable.Range(0, 100).Select(i => CheckpointId.Create(Time.AddMilliseconds(i))).ToList();

        Assert.Equal(ids, ids.OrderBy(id => id.ToString(), StringComparer.Ordinal));
    }

    [Fact]
    public void Create_ManyOnManyThreads_NoneTwiceAndEachBitComesBothWays()
    {
        var made = new CheckpointId[8][];
        Parallel.For(0, made.Length, i => made[i] = [.. Enumerable.Range(0, 10_000).Select(_ => CheckpointId.Create(Time))]);
        var ids = made.SelectMany(x => x).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        var set = ids.Select(id => Bits(id)).Aggregate((a, b) => a | b);
        var unset = ids.Select(id => ~Bits(id)).Aggregate((a, b) => a | b);
        var random = (UInt128.One << 62) - 1 | ((UInt128)0xFFF << 64);
        Assert.Equal(random, set & unset & random);
    }

    [Fact]
    public void Create_TimeBefore1970_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => CheckpointId.Create(DateTimeOffset.UnixEpoch.AddMilliseconds(-1)));

    private static UInt128 Bits(CheckpointId id) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(id.Value.ToByteArray(bigEndian: true));
}
