using Forge.Events;
using Forge.Grains.Streams;

namespace Forge.Grains.Tests.Streams;

public sealed class EventRingTests
{
    [Fact]
    public void After_InReach_IsEveryPositionBehindItOnce()
    {
        var ring = Ring(events: 4, last: 10);
        ring.Add(Events(11, 12), 12);
        ring.Add(Events(13), 13);

        Assert.Equal([11, 12, 13], Positions(ring.After(10)));
        Assert.Equal([12, 13], Positions(ring.After(11)));
        Assert.Empty(ring.After(13)!);
        Assert.Empty(ring.After(14)!);
    }

    [Fact]
    public void After_BehindWhatIsKept_IsNull()
    {
        var ring = Ring(events: 3, last: 0);
        ring.Add(Events(1, 2, 3, 4, 5), 5);

        Assert.Null(ring.After(1));
        Assert.Equal([3, 4, 5], Positions(ring.After(2)));
    }

    [Fact]
    public void After_MoreThanABatchMayHave_IsItsBeginning()
    {
        var ring = new EventRing(new StreamOptions { RecentEvents = 10, BatchEvents = 2 }, 0);
        ring.Add(Events(1, 2, 3), 3);

        Assert.Equal([1, 2], Positions(ring.After(0)));
        Assert.Equal([3], Positions(ring.After(2)));
    }

    [Fact]
    public void After_Again_IsTheSameForAllUntilThereIsMore()
    {
        var ring = Ring(events: 4, last: 0);
        ring.Add(Events(1), 1);
        var first = ring.After(0);

        Assert.Same(first, ring.After(0));
        ring.Add(Events(2), 2);
        Assert.Equal([1, 2], Positions(ring.After(0)));
    }

    [Fact]
    public void Add_LargeEvents_KeepsNoMoreBytesThanItMayButTheNewest()
    {
        var ring = new EventRing(new StreamOptions { RecentBytes = 4096 }, 0);
        for (var position = 1; position <= 10; position++)
        {
            ring.Add([Event(position) with { Message = new string('x', 600) }], position);
        }

        Assert.Equal([9, 10], Positions(ring.After(8)));
        Assert.Null(ring.After(7));
        ring.Add([Event(11) with { Message = new string('x', 100_000) }], 11);
        Assert.Equal([11], Positions(ring.After(10)));
        Assert.Null(ring.After(9));
    }

    /// <summary>An import's creates are not in its commit, and a position that was lost must not be skipped.</summary>
    [Theory]
    [InlineData(new long[] { 4 }, 4)]
    [InlineData(new long[] { 3, 5 }, 5)]
    [InlineData(new long[] { 3, 3 }, 4)]
    [InlineData(new long[] { 3 }, 4)]
    [InlineData(new long[0], 3)]
    public void Add_OnePositionIsMissing_SendsEverybodyToTheLog(long[] positions, long last)
    {
        var ring = Ring(events: 10, last: 0);
        ring.Add(Events(1, 2), 2);
        ring.Add(Events(positions), last);

        for (var position = 0L; position < last; position++)
        {
            Assert.Null(ring.After(position));
        }

        Assert.Empty(ring.After(last)!);
        ring.Add(Events(last + 1), last + 1);
        Assert.Equal([last + 1], Positions(ring.After(last)));
        Assert.Null(ring.After(last - 1));
    }

    [Fact]
    public void Add_NothingAtTheSamePosition_KeepsWhatThereIs()
    {
        var ring = Ring(events: 10, last: 0);
        ring.Add(Events(1), 1);
        ring.Add([], 1);

        Assert.Equal([1], Positions(ring.After(0)));
    }

    private static EventRing Ring(int events, long last) => new(new StreamOptions { RecentEvents = events }, last);

    private static LogEvent[] Events(params long[] positions) => [.. positions.Select(Event)];

    private static LogEvent Event(long position) => new() { Position = position, Kind = LogEventKind.Claimed, At = DateTimeOffset.UnixEpoch };

    private static IEnumerable<long> Positions(IReadOnlyList<LogEvent>? events) => Assert.IsAssignableFrom<IReadOnlyList<LogEvent>>(events).Select(e => e.Position);
}
