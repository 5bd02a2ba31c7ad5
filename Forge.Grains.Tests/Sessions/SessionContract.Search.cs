using Forge.Catalog;
using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

public abstract partial class SessionContract
{
    private ICatalogGrain Catalog => Forge.Grains.GetGrain<ICatalogGrain>(SessionAddress.ToGrainKey(TenantId.Default));

    [Fact]
    public async Task Search_ByLabels_FollowsSettingsDeletesAndImports()
    {
        var (prefix, team) = (Make.Id("run"), Make.Id("team"));
        var (red, blue) = (Forge.Session($"{prefix}-red"), Forge.Session($"{prefix}-blue"));
        await red.CreateAsync();
        await red.SetSettingsAsync(Labels(("team", team), ("colour", "red")));
        await blue.SetSettingsAsync(Labels(("team", team), ("colour", "blue")));

        Assert.Equal([$"{prefix}-blue", $"{prefix}-red"], await NamesAsync(new() { Labels = Of(("team", team)) }));
        Assert.Equal([$"{prefix}-red"], await NamesAsync(new() { Labels = Of(("team", team), ("colour", "red")) }));
        Assert.Empty(await NamesAsync(new() { Labels = Of(("team", team), ("colour", "Red")) }));

        await blue.SetSettingsAsync(Labels(("team", team), ("colour", "red")));
        Assert.Equal([$"{prefix}-blue", $"{prefix}-red"], await NamesAsync(new() { Labels = Of(("team", team), ("colour", "red")) }));
        await blue.SetSettingsAsync(Labels());
        Assert.Equal([$"{prefix}-red"], await NamesAsync(new() { Labels = Of(("team", team)) }));

        var document = await red.ExportAllAsync();
        await Forge.Session($"{prefix}-copy").ImportAllAsync(document);
        Assert.Equal([$"{prefix}-copy", $"{prefix}-red"], await NamesAsync(new() { Labels = Of(("team", team)) }));

        // Into a session that is there, an import brings no settings.
        await Forge.Session($"{prefix}-blue").ImportAllAsync(document);
        Assert.Equal([$"{prefix}-copy", $"{prefix}-red"], await NamesAsync(new() { Labels = Of(("team", team)) }));

        await red.DeleteSessionAsync();
        Assert.Equal([$"{prefix}-copy"], await NamesAsync(new() { Labels = Of(("team", team)) }));
    }

    [Fact]
    public async Task Search_ByActivity_IsAsItWasNotedOnAllSilos()
    {
        var prefix = Make.Id("act");
        var names = Enumerable.Range(0, 6).Select(i => $"{prefix}-{i}").ToArray();
        foreach (var name in names)
        {
            await Forge.Session(name).CreateAsync();
        }

        await Forge.Session(names[0]).CreateAsync();
        await Forge.NoteActivityAsync();
        var query = new SessionQuery { Prefix = prefix, Order = SessionOrder.Activity, Limit = 4 };
        var page = await Catalog.ListSessionsAsync(query);

        string[] expected = [names[0], names[5], names[4], names[3], names[2], names[1]];
        Assert.Equal(expected[..4], page.Items.Select(s => s.Session.Value));
        Assert.Equal(page.Items.Select(s => s.ActiveAt).OrderDescending(), page.Items.Select(s => s.ActiveAt));
        var latest = await Forge.Session(names[0]).GetSummaryAsync(CheckpointReference.Latest);
        Assert.Equal(latest!.CreatedAt, page.Items[0].ActiveAt);
        Assert.Equal(expected[4..], (await Catalog.ListSessionsAsync(query with { Cursor = page.Next })).Items.Select(s => s.Session.Value));
        Assert.Equal(
            expected[..2],
            await NamesAsync(query with { ActiveAfter = page.Items[1].ActiveAt, Limit = 100 }));
        Assert.Equal(
            expected[4..],
            await NamesAsync(query with { ActiveBefore = page.Items[3].ActiveAt.AddMicroseconds(-1), Limit = 100 }));
        var error = await Assert.ThrowsAsync<InvalidRequestException>(
            () => Catalog.ListSessionsAsync(query with { Cursor = page.Next, Order = SessionOrder.Name }));
        Assert.Equal("cursor", error.Field);
    }

    [Theory]
    [InlineData(SessionOrder.Name)]
    [InlineData(SessionOrder.Activity)]
    public async Task Search_ByBranchAndClaim_FindsTheSessionsThatHaveThem(SessionOrder order)
    {
        var (prefix, branch, owner) = (Make.Id("bc"), Make.Id("branch"), Make.Id("owner"));
        var names = Enumerable.Range(0, 4).Select(i => $"{prefix}-{i}").ToArray();
        foreach (var name in names)
        {
            await Forge.Session(name).CreateAsync();
        }

        await Forge.Session(names[1]).CreateAsync(Make.Checkpoint("b") with { Branch = branch });
        await Forge.Session(names[2]).CreateAsync(Make.Checkpoint("b") with { Branch = branch });
        await Forge.Session(names[2]).RunAsync(new ClaimSession(owner));
        await Forge.Session(names[3]).RunAsync(new ClaimSession(owner));
        var query = new SessionQuery { Prefix = prefix, Order = order, Limit = 1 };

        Assert.Equal([names[1], names[2]], await FoundAsync(query with { Branch = branch }));
        Assert.Equal([names[2], names[3]], await FoundAsync(query with { ClaimOwner = owner }));
        Assert.Equal([names[2]], await FoundAsync(query with { Branch = branch, ClaimOwner = owner }));
        Assert.Equal(names, await FoundAsync(query with { Branch = BranchNames.Main }));
        Assert.Empty(await FoundAsync(query with { Branch = branch + "x" }));
        var first = await Catalog.ListSessionsAsync(query with { Branch = branch });
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => Catalog.ListSessionsAsync(query with { Cursor = first.Next }));
        Assert.Equal("cursor", error.Field);

        await Forge.Session(names[2]).RunAsync(new DeleteCheckpoint(2) { Epoch = 1 });
        await Forge.Session(names[3]).RunAsync(new ReleaseClaim { Epoch = 1 });
        Assert.Equal([names[1]], await FoundAsync(query with { Branch = branch }));
        Assert.Equal([names[2]], await FoundAsync(query with { ClaimOwner = owner }));

        async Task<IEnumerable<string>> FoundAsync(SessionQuery of) => (await NamesAsync(of)).Order(StringComparer.Ordinal);
    }

    [Fact]
    public async Task Search_Checkpoints_FindsThemAcrossSessions()
    {
        var (prefix, tag) = (Make.Id("find"), Make.Id("tag"));
        var (one, two) = (Forge.Session($"{prefix}-1"), Forge.Session($"{prefix}-2"));
        await one.CreateAsync("a", tag);
        await two.CreateAsync("b", tag, "other");
        await one.CreateAsync(Make.Checkpoint("c") with { Trigger = CheckpointTrigger.GapFilled });
        await two.CreateAsync(Make.Checkpoint("d", tag) with { Trigger = CheckpointTrigger.GapFilled });
        await one.SetTagsAsync(2, ["late"]);

        Assert.Equal(["d", "b", "a"], await MessagesAsync(new() { Tag = tag }));
        Assert.Equal(["a", "b", "d"], await MessagesAsync(new() { Tag = tag, Order = ListOrder.OldestFirst, Limit = 1 }));
        Assert.Equal(["a"], await MessagesAsync(new() { Tag = tag, SessionPrefix = $"{prefix}-1" }));
        Assert.Equal(["d", "c"], await MessagesAsync(new() { Trigger = CheckpointTrigger.GapFilled, SessionPrefix = prefix }));
        Assert.Equal(["d"], await MessagesAsync(new() { Trigger = CheckpointTrigger.GapFilled, Tag = tag }));
        var found = (await Catalog.SearchCheckpointsAsync(new() { Tag = tag, Limit = 1 })).Items[0];
        Assert.Equal($"{prefix}-2", found.Session.Value);
        Assert.Equivalent((await two.GetSummaryAsync(2))! with { KeptParent = null }, found.Checkpoint, strict: true);

        await two.DeleteAsync(2);
        await one.DeleteSessionAsync();
        Assert.Equal(["b"], await MessagesAsync(new() { Tag = tag }));
    }

    [Fact]
    public async Task List_WithStates_ReadsAsEachByItself()
    {
        var session = Forge.Session(Make.Id());
        var text = "";
        for (var i = 1; i <= 40; i++)
        {
            text += $"line {i} of a conversation that grows; ";
            await session.CreateAsync(Make.Checkpoint($"{i}") with { State = Make.State(text), Tags = i % 3 == 0 ? ["third"] : [] });
            if (i == 20)
            {
                await session.RestoreAsync(5);
            }
        }

        await session.DeleteAsync(7);
        foreach (var query in new[]
        {
            new CheckpointQuery { Limit = 7 },
            new CheckpointQuery { Limit = 1000, Order = ListOrder.OldestFirst },
            new CheckpointQuery { Limit = 5, Tag = "third" },
        })
        {
            var (with, plain) = (query with { IncludeStates = true }, query);
            do
            {
                var (states, summaries) = (await session.ListAsync(with), await session.ListAsync(plain));
                Assert.Equal(summaries.Next, states.Next);
                Assert.Null(summaries.States);
                Assert.Equivalent(summaries.Items, states.Items, strict: true);
                foreach (var (summary, state) in states.Items.Zip(states.States!))
                {
                    Assert.Null(state.Problem);
                    Assert.Equal((await session.GetAsync(summary.Id))!.State.ToArray(), state.State!.Value.ToArray());
                }

                (with, plain) = (with with { Cursor = states.Next }, plain with { Cursor = states.Next });
            }
            while (plain.Cursor is not null);
        }
    }

    [Fact]
    public async Task List_WithStatesOfNoSession_IsEmpty()
    {
        var page = await Forge.Session(Make.Id()).ListAsync(new CheckpointQuery { IncludeStates = true });

        Assert.Empty(page.Items);
        Assert.Empty(page.States!);
        Assert.Null(page.Next);
    }

    private static SessionSettings Labels(params (string Name, string Value)[] labels) => new() { Labels = Of(labels) };

    private static Dictionary<string, string> Of(params (string Name, string Value)[] labels) =>
        labels.ToDictionary(l => l.Name, l => l.Value);

    private async Task<List<string>> NamesAsync(SessionQuery query)
    {
        var names = new List<string>();
        do
        {
            var page = await Catalog.ListSessionsAsync(query);
            names.AddRange(page.Items.Select(s => s.Session.Value));
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
        return names;
    }

    private async Task<List<string>> MessagesAsync(CheckpointSearchQuery query)
    {
        var messages = new List<string>();
        do
        {
            var page = await Catalog.SearchCheckpointsAsync(query);
            messages.AddRange(page.Items.Select(f => f.Checkpoint.Message));
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
        return messages;
    }
}
