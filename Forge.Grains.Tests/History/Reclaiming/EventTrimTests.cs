using CsCheck;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Reclaiming;

namespace Forge.Grains.Tests.History.Reclaiming;

public sealed class EventTrimTests
{
    [Fact]
    public void Going_Restored_GoesWhateverIsStored()
    {
        List<SessionEvent> page = [Event(1, SessionEventKind.Restored, 5), Event(2, SessionEventKind.Restored, 6)];

        Assert.Equal(page, EventTrim.Going(page, Facts([5])));
    }

    [Fact]
    public void Going_Written_GoesWhateverIsStored()
    {
        List<SessionEvent> page = [Event(1, SessionEventKind.Written, 5), Event(2, SessionEventKind.Written, 6)];

        Assert.Equal(page, EventTrim.Going(page, Facts([5])));
    }

    [Fact]
    public void Going_ImportedOrForked_StaysWhateverIsStored() =>
        Assert.Empty(EventTrim.Going([Event(1, SessionEventKind.Imported, 0), Event(2, SessionEventKind.Forked, 0)], Facts([])));

    [Fact]
    public void Going_Deleted_StaysWhileTheRowDoes()
    {
        List<SessionEvent> page = [Event(1, SessionEventKind.Deleted, 5), Event(2, SessionEventKind.Deleted, 6)];

        Assert.Equal([page[1]], EventTrim.Going(page, Facts([5])));
    }

    [Fact]
    public void Going_Annotated_StaysWhileTheVeryNoteDoes()
    {
        List<SessionEvent> page = [Event(1, SessionEventKind.Annotated, 5), Event(2, SessionEventKind.Annotated, 5)];

        Assert.Equal([page[1]], EventTrim.Going(page, Facts([5], (5, 2))));
    }

    [Fact]
    public void Going_TaggedManyTimes_TheFirstAndTheLastStayWhileTheRowDoes()
    {
        List<SessionEvent> page = [.. Enumerable.Range(1, 8).Select(i => Event(i, SessionEventKind.Tagged, i % 2 == 0 ? 5 : 6))];

        Assert.Equal([1, 3, 4, 5, 6, 7], EventTrim.Going(page, Facts([5])).Select(e => e.Position));
        Assert.Empty(EventTrim.Going([page[0]], Facts([6])));
    }

    [Fact]
    public void Going_Compacted_StaysWhileARowOfItsRangesOrATrunkDoes()
    {
        var compaction = Compaction(1, [3, 5, 9, 9], [2]);

        Assert.All([2L, 3, 4, 5, 9], stored => Assert.Empty(EventTrim.Going([compaction], Facts([stored]))));
        Assert.All([1L, 6, 8, 10], stored => Assert.Equal([compaction], EventTrim.Going([compaction], Facts([stored]))));
    }

    [Fact]
    public void Going_CompactedWithTrunksInRanges_StaysWhileARowOfTheseDoes()
    {
        var compaction = Compaction(1, [3, 5], []) with
        {
            Detail = new EventDetail { Ranges = [3, 5], TrunkRanges = [1, 2, 8, 9] }.ToJson(),
        };

        Assert.All([1L, 2, 3, 8, 9], stored => Assert.Empty(EventTrim.Going([compaction], Facts([stored]))));
        Assert.All([6L, 7, 10], stored => Assert.Equal([compaction], EventTrim.Going([compaction], Facts([stored]))));
    }

    [Fact]
    public void Going_CompactionThatCannotBeRead_IsOfNoUse()
    {
        var damaged = Compaction(1, [3, 5], []) with { Detail = "{" };

        Assert.Equal([damaged], EventTrim.Going([damaged], Facts([4])));
    }

    [Fact]
    public void Going_CreatedOfARemovedCheckpoint_GoesIfItIsWhatWasWritten()
    {
        var created = RemovedCheckpoint.Of(HistoryRows.Checkpoint(5))!.ToEvent();

        Assert.Equal([created], EventTrim.Going([created], Facts([])));
        Assert.Empty(EventTrim.Going([created with { At = created.At.AddSeconds(1) }], Facts([])));
    }

    [Fact]
    public void LastSequence_Events_IsTheGreatestThatAnyNames()
    {
        Assert.Equal(9, EventTrim.LastSequence([Event(1, SessionEventKind.Tagged, 9), Event(2, SessionEventKind.Tagged, 3)]));
        Assert.Equal(8, EventTrim.LastSequence([Event(1, SessionEventKind.Compacted, 0) with { LastSequence = 8 }]));
    }

    [Fact]
    public void IsAnyStored_AnyRowsAndRanges_AgreesWithLookingAtEach()
    {
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                List<long> stored = [.. Enumerable.Range(1, 40).Where(_ => random.Next(4) == 0).Select(i => (long)i)];
                var facts = Facts(stored);
                for (var first = 0L; first <= 42; first++)
                {
                    var last = first + random.Next(6);
                    Assert.Equal(stored.Exists(s => s >= first && s <= last), facts.IsAnyStored(first, last));
                    Assert.Equal(stored.Contains(first), facts.IsStored(first));
                }
            },
            iter: 500);
    }

    [Fact]
    public void IsAnyStored_BehindWhatAStepLooksAt_CountsAsStored()
    {
        List<long> stored = [.. Enumerable.Range(1, EventTrim.MostStored).Select(i => 2L * i)];

        Assert.False(Facts(stored).IsStored(3));
        Assert.True(Facts(stored).IsStored((2 * EventTrim.MostStored) + 1));
        Assert.False(Facts(stored[1..]).IsStored((2 * EventTrim.MostStored) + 1));
    }

    private static StoredFacts Facts(List<long> stored, params (long Sequence, long Position)[] without) =>
        new(stored, Enumerable.Range(1, 10).SelectMany(s => Enumerable.Range(1, 10).Select(p => ((long)s, (long)p))).Except(without).ToHashSet());

    private static SessionEvent Event(long position, SessionEventKind kind, long sequence) =>
        new(position, kind, HistoryRows.Start, sequence, sequence, null);

    private static SessionEvent Compaction(long position, long[] ranges, long[] trunks) => Event(position, SessionEventKind.Compacted, 0) with
    {
        Detail = new EventDetail { Ranges = ranges, Trunks = trunks }.ToJson(),
    };
}
