using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task List_FullRow_HasAllButStateAndAnnotations()
    {
        var session = Session("s");
        var row = HistoryRows.FullCheckpoint(1);
        await session.CreateAsync(row);
        await session.CommitAsync(c => c with
        {
            Changes = [new Annotated(new NewAnnotation(1, 2, HistoryRows.Start, AnnotationSeverity.Info, "x"))],
        });

        HistoryRows.AssertSame([row], await ListAsync(session.Address), CheckpointParts.Summary);
    }

    [Fact]
    public async Task List_Bounds_ExcludeSequencesAndIncludeTimes()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 9));
        var rows = await ListAsync(session.Address);
        var all = new ListFilter { Limit = 100, Order = ListOrder.OldestFirst };

        Assert.Equal([4, 5, 6], await SequencesAsync(session.Address, all with { After = 3, Before = 7 }));
        Assert.Equal([3, 4, 5], await SequencesAsync(session.Address, all with { From = rows[2].CreatedAt, To = rows[4].CreatedAt }));
        Assert.Equal([9, 8], await SequencesAsync(session.Address, new ListFilter { Limit = 2 }));
        Assert.Equal([1, 2], await SequencesAsync(session.Address, all with { Limit = 2 }));
        Assert.Empty(await SequencesAsync(session.Address, all with { After = 5, Before = 6 }));
        Assert.Empty(await SequencesAsync(session.Address, all with { After = long.MaxValue }));
        Assert.Empty(await SequencesAsync(session.Address, all with { From = rows[8].CreatedAt.AddMicroseconds(1) }));
        Assert.Empty(await SequencesAsync(session.Address, all with { To = rows[0].CreatedAt.AddMicroseconds(-1) }));
    }

    [Fact]
    public async Task List_Tag_IsComparedOrdinallyAndWhole()
    {
        var session = Session("s");
        await session.CreateAsync(
            HistoryRows.Checkpoint(1, "bug"), HistoryRows.Checkpoint(2, "Bug"), HistoryRows.Checkpoint(3, "bug,fix"),
            HistoryRows.Checkpoint(4, "fix", "bug"), HistoryRows.Checkpoint(5, "é"), HistoryRows.Checkpoint(6, "e\u0301"));

        Assert.Equal([4, 1], await SequencesAsync(session.Address, new ListFilter { Tag = "bug", Limit = 9 }));
        Assert.Equal([5], await SequencesAsync(session.Address, new ListFilter { Tag = "é", Limit = 9 }));
        Assert.Empty(await SequencesAsync(session.Address, new ListFilter { Tag = "bu_", Limit = 9 }));
    }

    [Theory]
    [InlineData(ListOrder.NewestFirst)]
    [InlineData(ListOrder.OldestFirst)]
    public async Task List_MoreBytesThanAPageHolds_EndsEarlyAndSaysWhereItGoesOn(ListOrder order)
    {
        var session = Session("s");
        var random = new Random(41);
        await session.CreateAsync([.. HistoryRows.Checkpoints(1, 60).Select(r => r with
        {
            Message = new string('m', random.Next(2000)),
            Tags = [.. Enumerable.Range(0, random.Next(20)).Select(i => $"{i:d100}")],
        })]);
        var filter = new ListFilter { Limit = 50, Order = order, MostBytes = 20_000 };

        var (pages, isEarly) = (await PagesAsync(session.Address, filter), 0);

        Assert.Equal(
            order == ListOrder.OldestFirst ? Enumerable.Range(1, 60).Select(i => (long)i) : Enumerable.Range(1, 60).Select(i => 61L - i),
            pages.SelectMany(page => page).Select(row => row.Sequence));
        foreach (var page in pages)
        {
            Assert.InRange(page.SkipLast(1).Sum(CheckpointList.BytesOf), 0, 19_999);
            isEarly += page.GoesOnAfter is null ? 0 : 1;

            // A sealed message is counted as it is stored, a third longer.
            Assert.True(page.GoesOnAfter is null || page.Sum(CheckpointList.BytesOf) >= (SealBytes > 0 ? 14_000 : 20_000), "it ended without need");
        }

        Assert.Equal(pages.Count - 1, isEarly);
        Assert.True(isEarly > 3, $"only {isEarly} pages ended early");
        Assert.Equal(60, (await PagesAsync(session.Address, filter with { MostBytes = 1 })).Count);
    }

    [Fact]
    public async Task List_ManyLongTags_HoldsNoMoreThanAFewMiB()
    {
        var session = Session("s");
        await session.CreateAsync([.. HistoryRows.Checkpoints(1, 300).Select(r => r with
        {
            Tags = [.. Enumerable.Range(0, 64).Select(i => $"{i:d128}")],
        })]);

        var page = (await Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 1001 }, Cancel)).Value;

        Assert.InRange(page.Count, 100, 250);
        Assert.Equal(301 - page.Count, page.GoesOnAfter);
    }

    [Theory]
    [InlineData(ListOrder.NewestFirst, null)]
    [InlineData(ListOrder.OldestFirst, null)]
    [InlineData(ListOrder.NewestFirst, "t")]
    [InlineData(ListOrder.OldestFirst, "t")]
    public async Task List_TriggerThatFewHave_LooksAtABoundedNumber(ListOrder order, string? tag)
    {
        var session = Session("s");
        await session.CreateAsync([.. HistoryRows.Checkpoints(1, 57).Select(r => r with
        {
            Tags = ["t"],
            Trigger = r.Sequence % 19 == 3 ? CheckpointTrigger.Error : CheckpointTrigger.Manual,
        })]);
        var filter = new ListFilter { Limit = 2, Order = order, Tag = tag, Trigger = CheckpointTrigger.Error, MostLooked = 10 };

        var pages = await PagesAsync(session.Address, filter);

        long[] wanted = [3, 22, 41];
        Assert.Equal(order == ListOrder.OldestFirst ? wanted : wanted.Reverse(), pages.SelectMany(page => page).Select(row => row.Sequence));
        Assert.Equal([1, 1, 1, 0, 0, 0], pages.Select(page => page.Count).OrderDescending());
        Assert.Equal(wanted.Take(2), await SequencesAsync(session.Address, filter with { Order = ListOrder.OldestFirst, MostLooked = 1000 }));
        Assert.Null((await Store.Reads.ListAsync(session.Address, filter with { MostLooked = 1000 }, Cancel)).Value.GoesOnAfter);
        Assert.Equal([41], await SequencesAsync(session.Address, filter with { From = HistoryRows.Start.AddSeconds(40), MostLooked = 1000 }));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public async Task List_RandomFilters_AgreeWithTheModel(int seed)
    {
        var random = new Random(seed);
        var session = Session("s");
        var noise = Session("noise");
        string[] tags = ["a", "b", "c", "d"];
        CheckpointTrigger[] triggers = [CheckpointTrigger.Manual, CheckpointTrigger.Scheduled, CheckpointTrigger.ToolCall];
        var model = new SortedDictionary<long, StoredCheckpoint>();
        var time = HistoryRows.Start;
        for (var i = 1; i <= 70; i++)
        {
            time = time.AddMicroseconds(random.Next(3));
            model[i] = HistoryRows.Checkpoint(i, [.. tags.Where(_ => random.Next(3) == 0)]) with
            {
                CreatedAt = time,
                Trigger = triggers[random.Next(triggers.Length)],
            };
        }

        await noise.CreateAsync([.. model.Values]);
        await session.CreateAsync([.. model.Values]);
        var retagged = model.Keys.Where(_ => random.Next(8) == 0).Select(s => new Tagged(s, [tags[random.Next(4)], "new"])).ToList();
        var deleted = model.Keys.Where(_ => random.Next(8) == 0).ToList();
        var removed = Enumerable.Range(0, 4).Select(_ => random.Next(1, 68)).Select(first => new SequenceRange(first, first + random.Next(4))).ToList();
        await session.CommitAsync(c => c with { Changes = [.. retagged] });
        await session.CommitAsync(c => c with
        {
            Changes = [.. deleted.Select(x => new Removed(x)), .. removed.Select(x => new RangeRemoved(x))],
        });
        foreach (var change in retagged)
        {
            var row = model[change.Sequence];
            model[change.Sequence] = row with { Tags = change.Tags, FirstTags = row.Tags };
        }

        foreach (var sequence in deleted.Concat(removed.SelectMany(r => model.Keys.Where(s => s >= r.First && s <= r.Last))).ToList())
        {
            model.Remove(sequence);
        }

        for (var i = 0; i < 250; i++)
        {
            var filter = new ListFilter
            {
                Tag = random.Next(2) == 0 ? null : random.Next(6) == 0 ? "new" : tags[random.Next(4)],
                Trigger = random.Next(2) == 0 ? null : triggers[random.Next(triggers.Length)],
                After = random.Next(2) == 0 ? 0 : random.Next(75),
                Before = random.Next(2) == 0 ? long.MaxValue : random.Next(75),
                From = random.Next(2) == 0 ? null : HistoryRows.Start.AddMicroseconds(random.Next(75)),
                To = random.Next(2) == 0 ? null : HistoryRows.Start.AddMicroseconds(random.Next(75)),
                Order = (ListOrder)random.Next(2),
                Limit = random.Next(1, 80),
            };
            var wanted = model.Values.Where(r =>
                (filter.Tag is null || r.Tags.Contains(filter.Tag)) && (filter.Trigger is null || r.Trigger == filter.Trigger) &&
                r.Sequence > filter.After && r.Sequence < filter.Before &&
                (filter.From is null || r.CreatedAt >= filter.From) && (filter.To is null || r.CreatedAt <= filter.To));
            wanted = filter.Order == ListOrder.NewestFirst ? wanted.Reverse() : wanted;

            HistoryRows.AssertSame(wanted.Take(filter.Limit), await ListAsync(session.Address, filter), CheckpointParts.Summary);
        }
    }

    [Theory]
    [InlineData(ListOrder.NewestFirst)]
    [InlineData(ListOrder.OldestFirst)]
    public async Task List_OfABranchAmongManyOfAnother_FindsAllOfItByPages(ListOrder order)
    {
        long[] wanted = [1, 150, 151, 400];
        var session = Session("s");
        await session.CreateAsync(
            [.. HistoryRows.Checkpoints(1, 400).Select(row => row with { Branch = wanted.Contains(row.Sequence) ? "rare" : "often" })]);
        await session.CommitAsync(c => c with
        {
            Changes = [new BranchMoved(new("rare", 400, 400, 4, 0)), new BranchMoved(new("often", 399, 399, 396, 0))],
        });

        var all = await PagesAsync(session.Address, new ListFilter { Branch = "rare", Order = order, Limit = 2, MostLooked = 2 });
        var some = await PagesAsync(
            session.Address, new ListFilter { Branch = "rare", Order = order, Limit = 10, MostLooked = 2, After = 1, Before = 400 });

        var none = (await Store.Reads.ListAsync(
            session.Address, new ListFilter { Branch = "rare", Order = order, Limit = 2, After = long.MaxValue - 1 }, Cancel)).Value;
        var noBranch = (await Store.Reads.ListAsync(session.Address, new ListFilter { Branch = "none", Order = order, Limit = 2 }, Cancel)).Value;

        Assert.Equal((0, null, 0, null), (none.Count, none.GoesOnAfter, noBranch.Count, noBranch.GoesOnAfter));
        Assert.Equal(wanted, all.SelectMany(page => page).Select(row => row.Sequence).Order());
        Assert.Equal([150, 151], some.SelectMany(page => page).Select(row => row.Sequence).Order());
    }

    /// <summary>The pages of a list that ends early, to its end.</summary>
    private async Task<List<CheckpointList>> PagesAsync(SessionAddress address, ListFilter filter)
    {
        var pages = new List<CheckpointList>();
        do
        {
            pages.Add((await Store.Reads.ListAsync(address, filter, Cancel)).Value);
            var last = pages[^1].Count == filter.Limit ? pages[^1][^1].Sequence : pages[^1].GoesOnAfter;
            filter = filter.Order == ListOrder.OldestFirst
                ? filter with { After = last ?? long.MaxValue }
                : filter with { Before = last ?? 0 };
        }
        while (filter is { After: < long.MaxValue, Before: > 0 });

        return pages;
    }
}
