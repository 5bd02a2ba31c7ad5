using CsCheck;
using Forge.Checkpoints;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Tests.Sessions;

public sealed class SessionTailTests
{
    private readonly SessionTail _tail = new();

    [Fact]
    public void After_EmptyTail_SaysNothing()
    {
        Assert.Null(_tail.After(0));
        Assert.Null(_tail.NewestExcept(0, null));
    }

    [Fact]
    public void After_BelowWhatItHolds_IsNull()
    {
        Add(5, 8);

        Assert.Null(_tail.After(3));
        Assert.Equal([5, 6, 7, 8], Sequences(_tail.After(4)));
        Assert.Equal([7, 8], Sequences(_tail.After(6)));
        Assert.Empty(_tail.After(8)!);
    }

    [Fact]
    public void Add_MoreThanTheCapacity_LetsGoOfTheOldest()
    {
        Add(1, SessionTail.Capacity);
        Assert.Equal(1, _tail.Find(1)?.Sequence);
        Add(SessionTail.Capacity + 1, SessionTail.Capacity + 1);

        Assert.Null(_tail.Find(1));
        Assert.Equal(SessionTail.Capacity + 1, _tail.NewestExcept(0, null)!.Sequence);
        Assert.Equal(17, Assert.Single(Sequences(_tail.After(16)), s => s == 17));
    }

    [Fact]
    public void Add_MoreThanTheCapacityToKeep_KeepsThemAll()
    {
        for (var i = 1; i <= 300; i++)
        {
            _tail.Add(HistoryRows.Checkpoint(i), keepAfter: 100);
        }

        Assert.Equal(Enumerable.Range(101, 200).Select(i => (long)i), Sequences(_tail.After(100)));
    }

    [Fact]
    public void TryFindNearest_ParentsThatWereRemoved_IsTheAncestorThatIsThere()
    {
        Add(1, 10);
        _tail.Remove(5);
        _tail.RemoveIn(new SequenceRange(6, 8));

        Assert.True(_tail.TryFindNearest(8, out var nearest));
        Assert.Equal(4, nearest!.Sequence);
        Assert.True(_tail.TryFindNearest(9, out nearest));
        Assert.Equal(9, nearest!.Sequence);
        _tail.RemoveIn(new SequenceRange(1, 4));
        Assert.True(_tail.TryFindNearest(8, out nearest));
        Assert.Null(nearest);
    }

    [Fact]
    public void TryFindNearest_WhatItDoesNotKnow_IsFalse()
    {
        Add(5, 8);
        _tail.Remove(5);

        // The parent of the fifth was never in it.
        Assert.False(_tail.TryFindNearest(5, out _));
        Assert.False(_tail.TryFindNearest(4, out _));
        _tail.Remove(7);
        Assert.True(_tail.TryFindNearest(7, out _));
        _tail.Clear();
        Assert.False(_tail.TryFindNearest(7, out _));
    }

    [Fact]
    public void TryFindNearest_MoreWereRemovedThanItKeeps_IsFalseForTheFirst()
    {
        for (var i = 1; i <= SessionTail.GoneCapacity + 2; i++)
        {
            Add(i, i);
            if (i > 1)
            {
                _tail.Remove(i);
            }
        }

        Assert.False(_tail.TryFindNearest(2, out _));
        Assert.False(_tail.TryFindNearest(SessionTail.GoneCapacity + 2, out _));
    }

    [Fact]
    public void Add_Checkpoint_KeepsNoState()
    {
        Add(1, 1);

        Assert.True(_tail.Find(1)!.Stored.IsEmpty);
        Assert.NotEqual(0, _tail.Find(1)!.StoredSize);
    }

    [Fact]
    public void NewestExcept_TheNewest_IsTheOneBefore()
    {
        Add(1, 3);
        _tail.Remove(2);

        Assert.Equal(3, _tail.NewestExcept(2, null)!.Sequence);
        Assert.Equal(1, _tail.NewestExcept(3, null)!.Sequence);
        _tail.Remove(1);
        Assert.Null(_tail.NewestExcept(3, null));
    }

    [Fact]
    public void NewestExcept_OfABranch_PassesOverOthers()
    {
        foreach (var (sequence, branch) in new (long, string?)[] { (1, null), (2, "b"), (3, "b"), (4, null) })
        {
            _tail.Add(HistoryRows.Checkpoint(sequence) with { Branch = branch }, sequence);
        }

        Assert.Equal((3, 2), (_tail.NewestExcept(4, "b")!.Sequence, _tail.NewestExcept(3, "b")!.Sequence));
        Assert.Equal((4, 1), (_tail.NewestExcept(3, null)!.Sequence, _tail.NewestExcept(4, null)!.Sequence));
        Assert.Null(_tail.NewestExcept(0, "c"));
    }

    [Fact]
    public void NoteStored_AndReplace_TouchTheOneThatIsThere()
    {
        Add(1, 2);
        _tail.NoteStored(1, 7);
        _tail.Replace(_tail.Find(2)! with { Tags = ["t"] });
        _tail.NoteStored(3, 9);
        _tail.Replace(HistoryRows.Checkpoint(3));

        Assert.Equal((7, "step 1"), (_tail.Find(1)!.StoredSize, _tail.Find(1)!.Message));
        Assert.Equal(["t"], _tail.Find(2)!.Tags);
        Assert.Equal([1, 2], Sequences(_tail.After(0)));
    }

    [Fact]
    public void Tail_AnyChanges_HoldsTheNewestWithoutAGap()
    {
        // CsCheck prints the seed of a failing case.
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var (tail, all, last) = (new SessionTail(), new SortedDictionary<long, StoredCheckpoint>(), 0L);
                for (var i = 0; i < 150; i++)
                {
                    switch (random.Next(8))
                    {
                        case 0 when all.Count > 0:
                            var gone = all.Keys.ElementAt(random.Next(all.Count));
                            all.Remove(gone);
                            tail.Remove(gone);
                            break;
                        case 1 when last > 0 && random.Next(4) == 0:
                            var first = random.NextInt64(1, last + 1);
                            var range = new SequenceRange(first, Math.Min(last, first + random.Next(20)));
                            all.Keys.Where(s => s >= range.First && s <= range.Last).ToList().ForEach(s => all.Remove(s));
                            tail.RemoveIn(range);
                            break;
                        default:
                            var row = HistoryRows.Checkpoint(++last);
                            all.Add(last, row);
                            tail.Add(row, last);
                            break;
                    }

                    if (random.Next(8) == 0)
                    {
                        Check(tail, all, last);
                    }
                }
            },
            iter: 200);
    }

    private static void Check(SessionTail tail, SortedDictionary<long, StoredCheckpoint> all, long last)
    {
        var held = all.Keys.Where(s => tail.Find(s) is not null).ToList();
        Assert.Equal(all.Keys.Skip(all.Count - held.Count), held);
        Assert.True(held.Count <= SessionTail.Capacity);
        Assert.All(held, s => Assert.Equal(s, tail.Find(all[s].Id)!.Sequence));
        Assert.Null(tail.Find(last + 1));
        var after = last - 5;
        if (tail.After(after) is { } newer)
        {
            Assert.Equal(all.Keys.Where(s => s > after), Sequences(newer));
        }
    }

    private static IEnumerable<long> Sequences(IReadOnlyList<StoredCheckpoint>? rows) => rows!.Select(row => row.Sequence);

    private void Add(long first, long last)
    {
        foreach (var row in HistoryRows.Checkpoints(first, last))
        {
            _tail.Add(row, row.Sequence);
        }
    }
}
