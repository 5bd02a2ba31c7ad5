using System.Text.Json;
using Forge.Catalog;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    private const string FullWidthRed = "ｒｅｄ";

    [Fact]
    public async Task ListSessions_ByLabels_FindsThoseThatHaveAllOfThem()
    {
        await LabelAsync("a", ("team", "red"), ("env", "prod"));
        await LabelAsync("b", ("team", "red"), ("env", "test"));
        await LabelAsync("c", ("team", "blue"), ("env", "prod"));
        await LabelAsync("d");
        await Session("e").CreateAsync(HistoryRows.Checkpoint(1));
        await LabelAsync("f", "other", ("team", "red"));

        Assert.Equal(["a", "b"], await FoundAsync(ByLabels(("team", "red"))));
        Assert.Equal(["a", "c"], await FoundAsync(ByLabels(("env", "prod"))));
        Assert.Equal(["a"], await FoundAsync(ByLabels(("team", "red"), ("env", "prod"))));
        Assert.Empty(await FoundAsync(ByLabels(("team", "red"), ("env", "none"))));
        Assert.Empty(await FoundAsync(ByLabels(("team", "red"), ("team2", "red"))));
        Assert.Equal(["b"], await FoundAsync(ByLabels(("team", "red")) with { Prefix = "b" }));
        Assert.Equal(["f"], await FoundAsync(ByLabels(("team", "red")), "other"));
        Assert.Equal(["b", "a"], await FoundAsync(ByActivity(("team", "red"))));
        Assert.Equal(["a"], await FoundAsync(ByActivity(("team", "red"), ("env", "prod"))));
    }

    [Fact]
    public async Task ListSessions_ByLabels_ComparesOrdinally()
    {
        (string Name, string Value)[] labels =
        [
            ("team", "red"), ("Team", "red"), ("team", "Red"), ("team", "red "), ("team", "re"), ("tea", "m:red"), ("team", FullWidthRed),
            ("é", "e\u0301"), ("e\u0301", "é"), ("🧭", "🧭"), ("'\"\\%_", "{}[]"), ("a:b", "c"), ("a", "b:c"),
        ];
        for (var i = 0; i < labels.Length; i++)
        {
            await LabelAsync($"s{i:00}", labels[i]);
        }

        for (var i = 0; i < labels.Length; i++)
        {
            Assert.Equal([$"s{i:00}"], await FoundAsync(ByLabels(labels[i])));
            Assert.Equal([$"s{i:00}"], await FoundAsync(ByActivity(labels[i])));
        }
    }

    [Fact]
    public async Task ListSessions_LabelsThatChange_AreThoseOfTheNewestCommit()
    {
        var session = await LabelAsync("s", ("team", "red"), ("env", "prod"));

        await LabelAsync(session, ("team", "blue"), ("stage", "prod"));
        Assert.Empty(await FoundAsync(ByLabels(("team", "red"))));
        Assert.Empty(await FoundAsync(ByLabels(("env", "prod"))));
        Assert.Equal(["s"], await FoundAsync(ByLabels(("team", "blue"), ("stage", "prod"))));

        await session.CreateAsync(HistoryRows.Checkpoint(1));
        Assert.Equal(["s"], await FoundAsync(ByLabels(("team", "blue"))));

        await LabelAsync(session);
        Assert.Empty(await FoundAsync(ByLabels(("team", "blue"))));
        Assert.Equal(["s"], await FoundAsync(new SessionFilter { Limit = 10 }));
    }

    [Fact]
    public async Task Commit_ThatIsRefused_LeavesTheLabels()
    {
        var session = await LabelAsync("s", ("team", "red"));
        var late = (await session.NextAsync()).Having(new Labelled([new("team", "blue")]));
        await session.CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equal(CommitStatus.Conflict, await TryCommitAsync(late));

        Assert.Equal(["s"], await FoundAsync(ByLabels(("team", "red"))));
        Assert.Empty(await FoundAsync(ByLabels(("team", "blue"))));
    }

    [Fact]
    public async Task Commit_BatchOfManySessionsWithLabels_GivesEachItsOwn()
    {
        var sessions = Enumerable.Range(0, 5).Select(i => Session($"s{i}")).ToArray();
        var commits = new List<SessionCommit>();
        foreach (var (session, i) in sessions.Select((s, i) => (s, i)))
        {
            commits.Add((await session.NextAsync()).Having(new Labelled([new("n", $"{i}"), new("all", "yes")])));
        }

        Assert.All(await Store.Commits.CommitAsync(SessionScript.Batch([.. commits]), Cancel), o => Assert.Equal(CommitStatus.Committed, o.Status));

        Assert.Equal(["s3"], await FoundAsync(ByLabels(("n", "3"))));
        Assert.Equal(5, (await FoundAsync(ByLabels(("all", "yes")))).Count());
    }

    [Fact]
    public async Task ListSessions_Deleted_IsFoundByNothingBeforeAndAfterItsRowsGo()
    {
        var session = await LabelAsync("s", ("team", "red"));
        await LabelAsync("t", ("team", "red"));

        await session.CommitAsync(c => (c with { Head = c.Head.Ended(HistoryRows.Start) })
            .Having(new Labelled([]), new Due(DueWorkKind.Erase, HistoryRows.Start)));

        await AssertOnlyTAsync();

        // What a silo had noted of it, and writes down late.
        await Store.Upkeep.NoteActivityAsync([session.Key], Cancel);
        await AssertOnlyTAsync();
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 10, HistoryRows.Start);
        await AssertOnlyTAsync();
        Assert.Equal(0, await Store.Upkeep.MendActivityAsync(0, long.MaxValue, Cancel));

        async Task AssertOnlyTAsync()
        {
            Assert.Equal(["t"], await FoundAsync(ByLabels(("team", "red"))));
            Assert.Equal(["t"], await FoundAsync(ByActivity(("team", "red"))));
            Assert.Equal(["t"], await FoundAsync(ByActivity()));
        }
    }

    [Fact]
    public async Task ListSessions_ByActivity_ComesNewestFirstAsItWasNoted()
    {
        var sessions = await ActiveAsync(("old", 10), ("new", 30), ("middle", 20));
        await Session("fresh").CommitAsync(c => c);

        Assert.Equal(["new", "middle", "old", "fresh"], await FoundAsync(ByActivity()));
        await sessions[0].CreateAsync(HistoryRows.Checkpoint(40));

        // What a silo lost, as one that was killed has, is as it was.
        Assert.Equal(["new", "middle", "old", "fresh"], await FoundAsync(ByActivity()));
        Assert.Equal(1, await Store.Upkeep.NoteActivityAsync([.. sessions.Select(s => s.Key).Order()], Cancel));
        Assert.Equal(["old", "new", "middle", "fresh"], await FoundAsync(ByActivity()));
        Assert.Equal(0, await Store.Upkeep.NoteActivityAsync([sessions[0].Key], Cancel));
        Assert.Empty(await FoundAsync(ByActivity(), "other"));
    }

    [Fact]
    public async Task MendActivity_WhatWasNotNoted_IsPutRightAndTheRestIsLeft()
    {
        var session = await LabelAsync("s", ("team", "red"));
        await LabelAsync("t", ("team", "red"));
        await session.CreateAsync(HistoryRows.Checkpoint(50));
        Assert.Equal(["t", "s"], await FoundAsync(ByActivity(("team", "red"))));

        Assert.Equal(0, await Store.Upkeep.MendActivityAsync(session.Key, long.MaxValue, Cancel));
        Assert.Equal(1, await Store.Upkeep.MendActivityAsync(session.Key - 1, session.Key, Cancel));

        Assert.Equal(["s", "t"], await FoundAsync(ByActivity(("team", "red"))));
        Assert.Equal(["s", "t"], await FoundAsync(ByActivity()));
        Assert.Equal(0, await Store.Upkeep.MendActivityAsync(0, long.MaxValue, Cancel));
    }

    [Theory]
    [InlineData(SessionOrder.Name)]
    [InlineData(SessionOrder.Activity)]
    public async Task ListSessions_ActiveBetween_BoundsInclude(SessionOrder order)
    {
        await ActiveAsync(("a", 10), ("b", 20), ("c", 30));
        var all = new SessionFilter { Limit = 10, Order = order };
        DateTimeOffset At(int second) => HistoryRows.Start.AddSeconds(second);

        Assert.Equal(["b", "c"], (await FoundAsync(all with { ActiveAfter = At(20) })).Order());
        Assert.Equal(["c"], await FoundAsync(all with { ActiveAfter = At(20).AddMicroseconds(1) }));
        Assert.Equal(["a", "b"], (await FoundAsync(all with { ActiveBefore = At(20) })).Order());
        Assert.Equal(["a"], await FoundAsync(all with { ActiveBefore = At(20).AddMicroseconds(-1) }));
        Assert.Equal(["b"], await FoundAsync(all with { ActiveAfter = At(20), ActiveBefore = At(20) }));
        Assert.Empty(await FoundAsync(all with { ActiveAfter = At(31) }));
    }

    [Fact]
    public async Task ListSessions_ActiveSinceItWasNoted_IsNotAmongTheQuiet()
    {
        var sessions = await ActiveAsync(("a", 10), ("b", 20));
        await sessions[0].CreateAsync(HistoryRows.Checkpoint(60));

        Assert.Equal(["b"], await FoundAsync(ByActivity() with { ActiveBefore = HistoryRows.Start.AddSeconds(30) }));
    }

    [Theory]
    [InlineData(SessionOrder.Name, false)]
    [InlineData(SessionOrder.Name, true)]
    [InlineData(SessionOrder.Activity, false)]
    [InlineData(SessionOrder.Activity, true)]
    public async Task ListSessions_Pages_GiveEachOnceWhileOthersComeAndGo(SessionOrder order, bool labelled)
    {
        var sessions = new List<SessionScript>();
        for (var i = 0; i < 25; i++)
        {
            // Some at one time, so that a page ends among them.
            sessions.Add(await LabelAsync($"s{i:00}", ("team", "red")));
            await sessions[i].CreateAsync(HistoryRows.Checkpoint(1) with { CreatedAt = HistoryRows.Start.AddSeconds(i / 4) });
        }

        await Store.Upkeep.NoteActivityAsync([.. sessions.Select(s => s.Key).Order()], Cancel);
        var filter = new SessionFilter { Order = order, Labels = labelled ? [new("team", "red")] : [], Limit = 4 };
        var (seen, made) = (new List<string>(), 0);
        do
        {
            var page = await Store.Catalog.ListSessionsAsync(TenantId.Default, filter, Cancel);
            Assert.InRange(page.Rows.Count, 1, 4);
            seen.AddRange(page.Rows.Select(r => r.Session.Value));
            filter = filter with { After = page.GoesOnAfter };

            // One that was shown goes, and a new one comes where it is not in the way.
            if (sessions.Find(s => s.Address.Session == page.Rows[0].Session) is { } gone)
            {
                await gone.CommitAsync(c => (c with { Head = c.Head.Ended(HistoryRows.Start) }).Having(new Labelled([])));
            }

            await LabelAsync($"0-{made++}", ("team", "red"));
        }
        while (filter.After is not null && seen.Count < 100);

        var names = sessions.Select(s => s.Address.Session.Value);
        Assert.Equal(names, seen.Where(n => n[0] == 's').Order());
        Assert.Equal(seen.Count, seen.Distinct().Count());
        if (order == SessionOrder.Name)
        {
            Assert.Equal(seen.Order(StringComparer.Ordinal), seen);
        }
    }

    [Theory]
    [InlineData(SessionOrder.Name)]
    [InlineData(SessionOrder.Activity)]
    public async Task ListSessions_ConditionThatFewMeet_LooksAtABoundedPartAndGoesOn(SessionOrder order)
    {
        for (var i = 0; i < 10; i++)
        {
            await LabelAsync($"s{i}", ("team", "red"), ("n", $"{i}"));
        }

        // The rarer label is the one that is walked along, so that nothing has to be passed over.
        var rare = new SessionFilter { Order = order, Labels = [new("team", "red"), new("n", "7")], Limit = 5, MostLooked = 3 };
        var page = await Store.Catalog.ListSessionsAsync(TenantId.Default, rare, Cancel);
        Assert.Equal(("s7", null), (Assert.Single(page.Rows).Session.Value, page.GoesOnAfter));

        var none = new SessionFilter { Order = order, ActiveBefore = HistoryRows.Start.AddDays(-1), Limit = 5, MostLooked = 3 };
        if (order == SessionOrder.Activity)
        {
            none = none with { ActiveBefore = null, Prefix = "t" };
        }

        var pages = 0;
        do
        {
            page = await Store.Catalog.ListSessionsAsync(TenantId.Default, none, Cancel);
            Assert.Empty(page.Rows);
            none = none with { After = page.GoesOnAfter };
        }
        while (++pages < 10 && page.GoesOnAfter is not null);

        Assert.Equal(4, pages);
    }

    [Fact]
    public async Task ListSessions_HeadsOfASearch_AreThoseOfTheirOwnReads()
    {
        await ActiveAsync(("a", 10), ("b", 20));

        foreach (var row in (await Store.Catalog.ListSessionsAsync(TenantId.Default, ByActivity(), Cancel)).Rows)
        {
            var read = await Store.Reads.ReadHeadAsync(HistoryRows.Address(row.Session.Value), Cancel);
            HistoryRows.AssertSame(read!.Head, row.Read.Head);
            Assert.Equal((read.HeadId, read.CurrentId), (row.Read.HeadId, row.Read.CurrentId));
        }
    }

    [Fact]
    public async Task ListSessions_LongestLabels_AreFound()
    {
        // As many bytes as a row of an index takes, which no compression makes less.
        var random = new Random(1);
        string Text(int bytes) => string.Concat(Enumerable.Range(0, bytes / 3).Select(_ => (char)(0x4E00 + random.Next(0x5000))));
        var (name, value) = (Text(1500), Text(546));
        var session = new string('s', SessionId.MaxLength);
        Assert.InRange(new StoredLabel(name, value).Bytes, StoredLabel.MostBytes - 6, StoredLabel.MostBytes);

        await LabelAsync(session, new string('t', 200), (name, value), ("short", "yes"));
        await LabelAsync("over", (name, value + "xyz"), ("short", "yes"));

        Assert.Equal([session], await FoundAsync(ByLabels((name, value), ("short", "yes")), new string('t', 200)));
        Assert.Equal([session], await FoundAsync(ByActivity((name, value)), new string('t', 200)));

        // One that no index takes is left out, and does no harm to the others.
        Assert.Equal(["over"], await FoundAsync(ByLabels(("short", "yes"))));
    }

    private static SessionFilter ByLabels(params (string Name, string Value)[] labels) =>
        new() { Labels = [.. labels.Select(l => new StoredLabel(l.Name, l.Value))], Limit = 100 };

    private static SessionFilter ByActivity(params (string Name, string Value)[] labels) =>
        ByLabels(labels) with { Order = SessionOrder.Activity };

    private async Task<IEnumerable<string>> FoundAsync(SessionFilter filter, string tenant = "default")
    {
        var page = await Store.Catalog.ListSessionsAsync(TenantId.Parse(tenant), filter, Cancel);
        Assert.Null(page.GoesOnAfter);
        return page.Rows.Select(r => r.Session.Value);
    }

    private Task<SessionScript> LabelAsync(string session, params (string Name, string Value)[] labels) =>
        LabelAsync(session, "default", labels);

    private async Task<SessionScript> LabelAsync(string session, string tenant, params (string Name, string Value)[] labels)
    {
        var script = Session(session, tenant);
        await LabelAsync(script, labels);
        return script;
    }

    /// <summary>Sets the labels of a session as a silo would.</summary>
    private static Task LabelAsync(SessionScript session, params (string Name, string Value)[] labels)
    {
        var settings = JsonSerializer.Serialize(new { labels = labels.ToDictionary(l => l.Name, l => l.Value) });
        return session.CommitAsync(c => (c with { Head = c.Head with { Settings = settings } })
            .Having(new Labelled(StoredLabel.Of(settings))));
    }

    /// <summary>Sessions that were active so many seconds after the start, all of it noted.</summary>
    private async Task<List<SessionScript>> ActiveAsync(params (string Session, int Second)[] sessions)
    {
        var scripts = new List<SessionScript>();
        foreach (var (name, second) in sessions)
        {
            scripts.Add(Session(name));
            await scripts[^1].CreateAsync(HistoryRows.Checkpoint(second));
        }

        await Store.Upkeep.NoteActivityAsync([.. scripts.Select(s => s.Key).Order()], Cancel);
        return scripts;
    }
}
