using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task ListCheckpoints_ByTag_FindsThemAcrossTheTenantByTheirTimes()
    {
        await Session("a").CreateAsync(HistoryRows.Checkpoint(1, "t"), HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(5, "t", "u"));
        await Session("b").CreateAsync(HistoryRows.Checkpoint(3, "T"), HistoryRows.Checkpoint(4, "t"));
        await Session("a", "other").CreateAsync(HistoryRows.Checkpoint(6, "t"));

        Assert.Equal(["a5", "b4", "a1"], await FoundAsync(Tagged("t")));
        Assert.Equal(["a1", "b4", "a5"], await FoundAsync(Tagged("t") with { Order = ListOrder.OldestFirst }));
        Assert.Equal(["a5"], await FoundAsync(Tagged("u")));
        Assert.Equal(["b3"], await FoundAsync(Tagged("T")));
        Assert.Equal(["a6"], await FoundAsync(Tagged("t"), "other"));
        Assert.Equal(["b4"], await FoundAsync(Tagged("t") with { Prefix = "b" }));
        Assert.Equal(["a5", "a1"], await FoundAsync(Tagged("t") with { Prefix = "a" }));
        Assert.Empty(await FoundAsync(Tagged("t") with { Prefix = "aa" }));
        Assert.Empty(await FoundAsync(Tagged("none")));
    }

    [Fact]
    public async Task ListCheckpoints_BoundInTime_BoundsInclude()
    {
        await Session("a").CreateAsync([.. HistoryRows.Checkpoints(1, 5).Select(r => r with { Tags = ["t"] })]);
        var (two, four) = (HistoryRows.Start.AddSeconds(2), HistoryRows.Start.AddSeconds(4));

        Assert.Equal(["a4", "a3", "a2"], await FoundAsync(Tagged("t") with { From = two, To = four }));
        Assert.Equal(["a4", "a3"], await FoundAsync(Tagged("t") with { From = two.AddMicroseconds(1), To = four }));
        Assert.Equal(["a2", "a3"], await FoundAsync(
            Tagged("t") with { From = two, To = four.AddMicroseconds(-1), Order = ListOrder.OldestFirst }));
    }

    [Fact]
    public async Task ListCheckpoints_ByTrigger_FindsThoseAlone()
    {
        await Session("a").CreateAsync(
            Triggered(1, CheckpointTrigger.Error), Triggered(2, CheckpointTrigger.Manual, "t"), Triggered(4, CheckpointTrigger.Error, "t"));
        await Session("b").CreateAsync(Triggered(3, CheckpointTrigger.Error), Triggered(5, CheckpointTrigger.ToolCall, "t"));
        await Session("c", "other").CreateAsync(Triggered(6, CheckpointTrigger.Error));
        var errors = new CheckpointFilter { Trigger = CheckpointTrigger.Error, Limit = 10 };

        Assert.Equal(["a4", "b3", "a1"], await FoundAsync(errors));
        Assert.Equal(["a1", "b3", "a4"], await FoundAsync(errors with { Order = ListOrder.OldestFirst }));
        Assert.Equal(["b3"], await FoundAsync(errors with { Prefix = "b" }));
        Assert.Equal(["a4", "b3"], await FoundAsync(errors with { From = HistoryRows.Start.AddSeconds(2) }));
        Assert.Equal(["a4"], await FoundAsync(errors with { Tag = "t" }));
        Assert.Equal(["a2"], await FoundAsync(Tagged("t") with { Trigger = CheckpointTrigger.Manual }));
        Assert.Equal(["c6"], await FoundAsync(errors, "other"));
    }

    [Fact]
    public async Task ListCheckpoints_TagsThatChange_AreThoseOfNow()
    {
        var session = Session("a");
        await session.CreateAsync(HistoryRows.Checkpoint(1, "t"), HistoryRows.Checkpoint(2));

        await session.CommitAsync(c => c.Having(new Tagged(1, ["u"]), new Tagged(2, ["t", "v"])));
        Assert.Equal(["a2"], await FoundAsync(Tagged("t")));
        Assert.Equal(["a1"], await FoundAsync(Tagged("u")));

        await session.CommitAsync(c => c.Having(new Tagged(2, [])));
        Assert.Empty(await FoundAsync(Tagged("t")));

        // Created and tagged otherwise in one commit.
        await session.CommitAsync((await session.NextAsync(HistoryRows.Checkpoint(3, "w"))).Having(new Tagged(3, ["t"])));
        Assert.Equal(["a3"], await FoundAsync(Tagged("t")));
        Assert.Empty(await FoundAsync(Tagged("w")));
    }

    [Fact]
    public async Task ListCheckpoints_RemovedHiddenAndDeleted_AreNotShown()
    {
        var session = Session("a");
        StoredCheckpoint[] rows = [.. Enumerable.Range(1, 5).Select(i => Triggered(i, CheckpointTrigger.Error, "t"))];
        await session.CreateAsync(rows);
        await Session("b").CreateAsync(Triggered(6, CheckpointTrigger.Error, "t"));
        var errors = new CheckpointFilter { Trigger = CheckpointTrigger.Error, Limit = 10 };

        await session.CommitAsync(c => c.Having(
            new Removed(2), new RangeRemoved(new(3, 4)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)));
        await AssertAsync("b6", "a5", "a1");
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 10, HistoryRows.Start);
        await AssertAsync("b6", "a5", "a1");

        await session.CommitAsync(c => (c with { Head = c.Head.Ended(HistoryRows.Start) }).Having(new Due(DueWorkKind.Erase, HistoryRows.Start)));
        await AssertAsync("b6");
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 10, HistoryRows.Start);
        await AssertAsync("b6");

        async Task AssertAsync(params string[] expected)
        {
            Assert.Equal(expected, await FoundAsync(Tagged("t")));
            Assert.Equal(expected, await FoundAsync(errors));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ListCheckpoints_Staged_AreShownOnceTheyAreTakenOver(bool isNew)
    {
        var session = Session("a", "other");
        if (!isNew)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(1));
        }

        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, HistoryRows.Start, Cancel);
        AnnotatedCheckpoint[] rows = [new(Triggered(2, CheckpointTrigger.Error, "t", "u"), []), new(Triggered(3, CheckpointTrigger.Error), [])];
        await Store.Staging.StageAsync(session.Address, key, rows, Cancel);
        var errors = new CheckpointFilter { Trigger = CheckpointTrigger.Error, Limit = 10 };
        Assert.Empty(await FoundAsync(Tagged("t"), "other"));
        Assert.Empty(await FoundAsync(errors, "other"));

        await session.CommitAsync(c => (c with
        {
            Head = c.Head with { Key = isNew ? key : c.Head.Key, Count = 2, LastSequence = 3, Head = 3, LastCreatedAt = rows[1].Row.CreatedAt },
        }).Having(new TookOver(key, 0), new Labelled([new("from", "document")])));

        Assert.Equal(["a2"], await FoundAsync(Tagged("t"), "other"));
        Assert.Equal(["a2"], await FoundAsync(Tagged("u"), "other"));
        Assert.Equal(["a3", "a2"], await FoundAsync(errors, "other"));
        Assert.Empty(await FoundAsync(Tagged("t")));
        Assert.Equal(["a"], await FoundAsync(ByLabels(("from", "document")), "other"));
        Assert.Equal(["a"], await FoundAsync(ByActivity(), "other"));
    }

    [Theory]
    [InlineData(ListOrder.NewestFirst, true)]
    [InlineData(ListOrder.OldestFirst, true)]
    [InlineData(ListOrder.NewestFirst, false)]
    [InlineData(ListOrder.OldestFirst, false)]
    public async Task ListCheckpoints_Pages_GiveEachOnceWhileOthersComeAndGo(ListOrder order, bool byTag)
    {
        // Many at one time, in sessions whose keys rise and fall with it.
        var sessions = Enumerable.Range(0, 5).Select(i => Session($"s{i}")).ToArray();
        for (var second = 1; second <= 8; second++)
        {
            foreach (var session in sessions)
            {
                await session.CreateAsync(Triggered(second, CheckpointTrigger.Error, "t") with
                {
                    CreatedAt = HistoryRows.Start.AddSeconds(second / 3),
                });
            }
        }

        var filter = (byTag ? Tagged("t") : new CheckpointFilter { Trigger = CheckpointTrigger.Error, Limit = 1 }) with { Order = order, Limit = 7 };
        var (seen, next) = (new List<string>(), 8);
        do
        {
            var page = await Store.Catalog.ListCheckpointsAsync(TenantId.Default, filter, Cancel);
            Assert.InRange(page.Rows.Count, 1, 7);
            seen.AddRange(page.Rows.Select(Name));
            Assert.Equal(
                order == ListOrder.NewestFirst ? page.Rows.OrderByDescending(r => r.Row.CreatedAt) : page.Rows.OrderBy(r => r.Row.CreatedAt),
                page.Rows);
            filter = filter with { After = page.GoesOnAfter };
            var shown = page.Rows[0];
            await sessions.Single(s => s.Address.Session == shown.Session).CommitAsync(c => c.Having(new Removed(shown.Row.Sequence)));
            await sessions[0].CreateAsync(Triggered(++next, CheckpointTrigger.Error, "t"));
        }
        while (filter.After is not null && seen.Count < 200);

        var expected = sessions.SelectMany(s => Enumerable.Range(1, 8).Select(i => $"{s.Address.Session}{i}"));
        Assert.Equal(expected.Order(), seen.Where(s => s[2..].Length == 1 && s[2] != '9').Order());
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    [Fact]
    public async Task ListCheckpoints_ConditionThatFewMeet_LooksAtABoundedPartAndGoesOn()
    {
        await Session("a").CreateAsync([.. Enumerable.Range(1, 10).Select(i => Triggered(i, CheckpointTrigger.Error, "t"))]);
        var filter = Tagged("t") with { Prefix = "b", MostLooked = 3 };

        var pages = 0;
        FoundPage<CheckpointRow, CheckpointPlace> page;
        do
        {
            page = await Store.Catalog.ListCheckpointsAsync(TenantId.Default, filter, Cancel);
            Assert.Empty(page.Rows);
            filter = filter with { After = page.GoesOnAfter };
        }
        while (++pages < 10 && page.GoesOnAfter is not null);

        Assert.Equal(4, pages);
    }

    [Fact]
    public async Task ListCheckpoints_PageOfManyBytes_EndsAndGoesOn()
    {
        await Session("a").CreateAsync(
            [.. Enumerable.Range(1, 5).Select(i => HistoryRows.Checkpoint(i, "t") with { Message = new string('m', 1000) })]);
        var filter = Tagged("t") with { MostBytes = 3000 };

        var first = await Store.Catalog.ListCheckpointsAsync(TenantId.Default, filter, Cancel);
        var second = await Store.Catalog.ListCheckpointsAsync(TenantId.Default, Tagged("t") with { After = first.GoesOnAfter }, Cancel);

        Assert.InRange(first.Rows.Count, 1, 4);
        Assert.Equal(["a5", "a4", "a3", "a2", "a1"], first.Rows.Concat(second.Rows).Select(Name));
        Assert.Equal(
            [1L], (await Store.Catalog.ListCheckpointsAsync(
                TenantId.Default, filter with { MostBytes = 1, Order = ListOrder.OldestFirst }, Cancel)).Rows.Select(r => r.Row.Sequence));
    }

    [Fact]
    public async Task ListCheckpoints_RowsOfASearch_AreThoseOfTheirOwnLists()
    {
        var row = HistoryRows.FullCheckpoint(1);
        await Session("a").CreateAsync(row);

        foreach (var tag in row.Tags)
        {
            var found = Assert.Single((await Store.Catalog.ListCheckpointsAsync(TenantId.Default, Tagged(tag), Cancel)).Rows);
            HistoryRows.AssertSame(row, found.Row, CheckpointParts.Summary);
        }
    }

    private static CheckpointFilter Tagged(string tag) => new() { Tag = tag, Limit = 10 };

    private static StoredCheckpoint Triggered(int sequence, CheckpointTrigger trigger, params string[] tags) =>
        HistoryRows.Checkpoint(sequence, tags) with { Trigger = trigger };

    private static string Name(CheckpointRow row) => $"{row.Session}{row.Row.Sequence}";

    private async Task<IEnumerable<string>> FoundAsync(CheckpointFilter filter, string tenant = "default")
    {
        var page = await Store.Catalog.ListCheckpointsAsync(TenantId.Parse(tenant), filter, Cancel);
        Assert.Null(page.GoesOnAfter);
        return page.Rows.Select(Name);
    }
}
