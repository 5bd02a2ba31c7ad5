using Forge.Events;
using Forge.Grains.Streams;
using Forge.History.Log;
using Forge.Identity;

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
        var ring = new EventRing(new StreamOptions { RecentEvents = 10, BatchEvents = 2 }, new RingBudget(long.MaxValue), 0);
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
        var ring = new EventRing(new StreamOptions { RecentBytes = 4096 }, new RingBudget(long.MaxValue), 0);
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

    [Fact]
    public void Add_MoreEventsThanItsFirstSlots_KeepsAsManyAsItMay()
    {
        var ring = Ring(events: 100, last: 0);
        for (var position = 1L; position <= 250; position++)
        {
            ring.Add(Events(position), position);
            var oldest = Math.Max(0, position - 100);
            Assert.Equal(Enumerable.Range(1, (int)(position - oldest)).Select(i => oldest + i), Positions(ring.After(oldest)));
            Assert.True(oldest == 0 || ring.After(oldest - 1) is null);
        }
    }

    [Fact]
    public void Add_RingsOfASiloTakeMoreThanTheyMay_LeavesItsOwnToTheLog()
    {
        var budget = new RingBudget(10_000);
        var (one, other) = (Ring(budget), Ring(budget));
        one.Add([Event(1) with { Message = new string('x', 4000) }], 1);
        other.Add([Event(1) with { Message = new string('x', 500) }], 1);
        other.Add([Event(2) with { Message = new string('x', 2000) }], 2);

        Assert.Null(other.After(0));
        Assert.Null(other.After(1));
        Assert.Empty(other.After(2)!);
        Assert.Equal([1], Positions(one.After(0)));
        Assert.InRange(budget.Bytes, 8000, 10_000);

        // It has room again once the other is gone.
        one.Dispose();
        Assert.Equal(0, budget.Bytes);
        other.Add([Event(3) with { Message = new string('x', 2000) }], 3);
        Assert.Equal([3], Positions(other.After(2)));
        other.Dispose();
        Assert.Equal(0, budget.Bytes);
    }

    [Fact]
    public void Hide_SomeSequences_TakesTheirTextsAndGivesTheirBytesBack()
    {
        var budget = new RingBudget(long.MaxValue);
        var ring = Ring(budget);
        LogEvent[] told =
        [
            .. Enumerable.Range(1, 3).Select(p => Event(p) with
            {
                Kind = LogEventKind.Created, Sequence = p, Message = new string('x', 1000), Tags = ["t"], ContentType = "text/plain", Branch = "b",
            }),
            Event(4) with { Kind = LogEventKind.Annotated, Sequence = 2, Text = new string('x', 1000) },
            Event(5) with { Kind = LogEventKind.Written, Sequence = 2, Writes = [new EventWrite("t", 0, "n", 1)] },
            Event(6) with { Kind = LogEventKind.Written, Sequence = 3, Writes = [new EventWrite("t", 0, "n", 1)] },
        ];
        ring.Add(told, 6);
        Assert.Equal(told, ring.After(0));
        var before = budget.Bytes;
        ring.Hide(sequence => sequence == 2);

        Assert.Equal(
            [
                told[0], told[1] with { Message = null, Tags = null, ContentType = null }, told[2], told[3] with { Text = null },
                told[4] with { Writes = null }, told[5],
            ],
            ring.After(0));
        Assert.InRange(before - budget.Bytes, 4000, 4500);
        Assert.Equal(ring.After(0)!.Sum(LogEvents.WeightOf), budget.Bytes);
    }

    [Fact]
    public void WeightOf_EachText_IsCounted()
    {
        var (text, bare) = (new string('x', 1000), Event(1));
        LogEvent[] told =
        [
            bare with { Message = text }, bare with { Text = text }, bare with { Owner = text }, bare with { ContentType = text },
            bare with { Branch = text }, bare with { Chain = text }, bare with { Tags = [text] }, bare with { TagsBefore = [text] },
            bare with { Origin = new EventOrigin(SessionId.Parse("s"), 1, default, text) },
        ];

        Assert.All(told, happened => Assert.InRange(LogEvents.WeightOf(happened) - LogEvents.WeightOf(bare), 2000, 2200));
    }

    private static EventRing Ring(int events, long last) =>
        new(new StreamOptions { RecentEvents = events }, new RingBudget(long.MaxValue), last);

    private static EventRing Ring(RingBudget budget) => new(new StreamOptions(), budget, 0);

    private static LogEvent[] Events(params long[] positions) => [.. positions.Select(Event)];

    private static LogEvent Event(long position) => new() { Position = position, Kind = LogEventKind.Claimed, At = DateTimeOffset.UnixEpoch };

    private static IEnumerable<long> Positions(IReadOnlyList<LogEvent>? events) => Assert.IsAssignableFrom<IReadOnlyList<LogEvent>>(events).Select(e => e.Position);
}
