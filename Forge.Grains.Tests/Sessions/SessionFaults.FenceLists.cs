using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Lists that are answered from memory behind the one fence, and when they must not be.</summary>
public abstract partial class SessionFaults
{
    private static readonly CheckpointQuery[] Lists =
    [
        new(), new() { Limit = 2 }, new() { Limit = 2, Before = 9 }, new() { After = 4 }, new() { After = 4, Before = 8, Order = ListOrder.OldestFirst },
        new() { Limit = 3, Order = ListOrder.OldestFirst }, new() { Branch = "main", Limit = 2 }, new() { Branch = "side" }, new() { Tag = "a" },
        new() { Trigger = CheckpointTrigger.Manual }, new() { From = DateTimeOffset.UnixEpoch }, new() { To = DateTimeOffset.UnixEpoch },
    ];

    [Fact]
    public async Task List_OfWhatThisActivationCreated_AsksForOneVersionAndReadsNoRow()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateBatchAsync([.. Enumerable.Range(1, 6).Select(i => Large($"{i}"))]);
        await session.DeleteAsync(3);
        var before = (Store.VersionReads, Store.Lists, Store.HeadReads);

        var all = await session.ListAsync(new CheckpointQuery());
        var page = await session.ListAsync(new CheckpointQuery { Limit = 2 });
        var next = await session.ListAsync(new CheckpointQuery { Limit = 2, Cursor = page.Next });
        var oldest = await session.ListAsync(new CheckpointQuery { Limit = 5, Order = ListOrder.OldestFirst });

        Assert.Equal((before.VersionReads + 4, before.Lists, before.HeadReads), (Store.VersionReads, Store.Lists, Store.HeadReads));
        Assert.Equal([6, 5, 4, 2, 1], all.Items.Select(c => c.Sequence));
        Assert.Equal(2, all.Items[2].KeptParent);
        Assert.Equal([6, 5], page.Items.Select(c => c.Sequence));
        Assert.Equal([4, 2], next.Items.Select(c => c.Sequence));
        Assert.Equal([1, 2, 4, 5, 6], oldest.Items.Select(c => c.Sequence));
        Assert.NotNull(next.Next);
        Assert.Null(oldest.Next);
    }

    [Fact]
    public async Task List_AfterAnActivation_ReachesToWhatWasCreatedSinceAndIsReadBeyond()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateBatchAsync([.. Enumerable.Range(1, 3).Select(i => Large($"{i}"))]);
        await forge.EndActivationsAsync();
        Assert.Equal([3, 2, 1], (await session.ListAsync(new CheckpointQuery())).Items.Select(c => c.Sequence));
        await session.CreateBatchAsync([.. Enumerable.Range(4, 3).Select(i => Large($"{i}"))]);
        var before = Store.Lists;

        // One more than is shown tells that there is a next page.
        Assert.Equal([6, 5], (await session.ListAsync(new CheckpointQuery { Limit = 2 })).Items.Select(c => c.Sequence));
        Assert.Equal([4, 5], (await session.ListAsync(new CheckpointQuery { Limit = 2, After = 3, Order = ListOrder.OldestFirst })).Items.Select(c => c.Sequence));
        Assert.Equal(before, Store.Lists);

        Assert.Equal([6, 5, 4], (await session.ListAsync(new CheckpointQuery { Limit = 3 })).Items.Select(c => c.Sequence));
        Assert.Equal([1, 2], (await session.ListAsync(new CheckpointQuery { Limit = 2, Order = ListOrder.OldestFirst })).Items.Select(c => c.Sequence));
        Assert.Equal(before + 2, Store.Lists);
    }

    [Fact]
    public async Task List_OfMoreThanIsHeld_HasNoGap()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        for (var i = 0; i < 3 * ShownCheckpoints.Capacity; i += 37)
        {
            await session.CreateBatchAsync([.. Enumerable.Range(i + 1, 37).Select(i => Make.Checkpoint($"{i}"))]);
            await AssertListsAsync(session, new CheckpointQuery { Limit = 10 }, new CheckpointQuery(), new CheckpointQuery { Limit = 60 });
        }

        await session.CreateBatchAsync([.. Enumerable.Range(1000, 100).Select(i => Make.Checkpoint($"{i}"))]);
        await AssertListsAsync(session, new CheckpointQuery { Limit = 10 }, new CheckpointQuery { Limit = 1000 });
    }

    [Fact]
    public async Task List_OfAnOvertakenActivation_SeesWhatTheOtherWrote()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        for (var i = 0; i < 5; i++)
        {
            await WriteElsewhereAsync($"elsewhere {i}");

            Assert.Equal($"elsewhere {i}", (await session.ListAsync(new CheckpointQuery())).Items[0].Message);
        }

        await ChangeElsewhereAsync(engine => engine.DeleteSession(TimeProvider.System.GetUtcNow()));
        await Assert.ThrowsAsync<SessionDeletedException>(() => session.ListAsync(new CheckpointQuery()));
    }

    [Fact(Timeout = 120_000)]
    public async Task List_BesideACommitThatHasNotLanded_ShowsNothingOfIt()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateBatchAsync([Large("1", "old"), Large("2")]);
        var (entered, release) = Store.HoldNext(new UnavailableException("no"));
        var deleted = Try(() => session.DeleteAsync(2));
        await entered.WaitAsync(TestContext.Current.CancellationToken);
        var tagged = Try(() => session.SetTagsAsync(1, ["new"]));
        var created = Try(() => session.CreateAsync(Large("3")));
        await session.GetInfoAsync();
        var lists = Store.Lists;

        var page = await session.ListAsync(new CheckpointQuery());

        Assert.Equal([2, 1], page.Items.Select(c => c.Sequence));
        Assert.Equal("old", Assert.Single(page.Items[1].Tags));
        Assert.Equal(lists, Store.Lists);
        release();
        Assert.IsType<UnavailableException>(await deleted);
        await Task.WhenAll(tagged, created);
        await AssertListsAsync(session, new CheckpointQuery());
    }

    [Fact(Timeout = 120_000)]
    public async Task List_BesideACommitThatHasLanded_ShowsIt()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync(Large("1"));
        var (created, release) = await CreateLandedAsync(session, "2", TestContext.Current.CancellationToken);

        Assert.Equal([2, 1], (await session.ListAsync(new CheckpointQuery())).Items.Select(c => c.Sequence));

        release();
        await created;
        Assert.Equal([2, 1], (await session.ListAsync(new CheckpointQuery())).Items.Select(c => c.Sequence));
    }

    /// <summary>Holds what lists answer against what the database has.</summary>
    private async Task AssertListsAsync(ISessionGrain session, params CheckpointQuery[] queries)
    {
        var address = new SessionAddress(TenantId.Default, SessionId.Parse("s"));
        foreach (var query in queries)
        {
            var truth = await Store.Inner.Reads.ListAsync(
                address,
                new ListFilter
                {
                    Tag = query.Tag,
                    Trigger = query.Trigger,
                    Branch = query.Branch,
                    After = query.After ?? 0,
                    Before = query.Before ?? long.MaxValue,
                    From = query.From,
                    To = query.To,
                    Order = query.Order,
                    Limit = query.Limit + 1,
                },
                CancellationToken.None);
            var page = await session.ListAsync(query);
            var shown = truth.Value.Take(query.Limit).ToList();
            Assert.Equal(shown.ConvertAll(row => row.Sequence), page.Items.Select(c => c.Sequence));
            Assert.Equal(truth.Value.Count > query.Limit, page.Next is not null);
            foreach (var (row, summary) in shown.Zip(page.Items))
            {
                var kept = (await Store.Inner.Reads.ReadNearestAsync(address, row.Parent, CancellationToken.None)).Value?.Sequence ?? 0;
                Assert.Equivalent(row.ToSummary() with { KeptParent = kept }, summary, strict: true);
            }
        }
    }
}
