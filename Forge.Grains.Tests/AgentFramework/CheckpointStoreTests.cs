using System.Text.Json;
using Forge.AgentFramework.Workflows;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI.Workflows;

namespace Forge.Grains.Tests.AgentFramework;

public sealed class CheckpointStoreTests(AgentFrameworkSilo silo)
{
    public static TheoryData<string> States { get; } =
    [
        """{"$type":"order","b":1,"a":2}""",
        """{ "z" : [ 1.0, 1.00, 1e2 ],  "a":null }""",
        """{"twice":1,"twice":2}""",
        """{"text":"\u00e9 é \ud83d\ude00 😀 \/ \"quoted\""}""",
        "\"text\"",
        "null",
        "[]",
        new string('[', 300) + new string(']', 300),
    ];

    [Theory]
    [MemberData(nameof(States))]
    public async Task Create_AStateOfAnyShape_ComesBackByteForByte(string state)
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());

        var key = await store.CreateCheckpointAsync(session, Parse(state));

        Assert.Equal(session, key.SessionId);
        Assert.Equal(state, (await store.RetrieveCheckpointAsync(session, key)).GetRawText());
    }

    [Fact]
    public async Task Create_StatesThatGrow_EachComesBackByteForByte()
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        CheckpointInfo? parent = null;
        var saved = new List<(CheckpointInfo Key, string State)>();
        for (var i = 1; i <= 20; i++)
        {
            var state = $$"""{"$type":"run","stepNumber":{{i}},"said":[{{string.Join(',', Enumerable.Range(0, i * 50))}}],"a":1}""";
            parent = await store.CreateCheckpointAsync(session, Parse(state), parent);
            saved.Add((parent, state));
        }

        foreach (var (key, state) in saved)
        {
            Assert.Equal(state, (await store.RetrieveCheckpointAsync(session, key)).GetRawText());
        }

        Assert.Equal("superstep 20", (await store.Session(session).GetSummaryAsync())!.Message);
    }

    [Fact]
    public async Task RetrieveIndex_MoreThanAPage_IsAnArrayOldestFirst()
    {
        var (store, session) = (await silo.StoreAsync(pageItems: 3), silo.NewName());
        var saved = await SaveChainAsync(store, session, 10);

        var index = await store.RetrieveIndexAsync(session);

        Assert.Equal(saved, Assert.IsType<CheckpointInfo[]>(index));
        Assert.Equal(saved[^1], await store.GetLatestAsync(session));
    }

    [Fact]
    public async Task RetrieveIndex_OfASessionThatIsNotThere_IsEmpty()
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());

        Assert.Empty(await store.RetrieveIndexAsync(session));
        Assert.Empty(await store.RetrieveIndexAsync(session, new CheckpointInfo(session, Guid.NewGuid().ToString())));
        Assert.Null(await store.GetLatestAsync(session));
    }

    [Fact]
    public async Task RetrieveIndex_WithAParent_HasItsChildrenAlone()
    {
        var (store, session) = (await silo.StoreAsync(pageItems: 2), silo.NewName());
        var chain = await SaveChainAsync(store, session, 3);
        var second = await store.CreateCheckpointAsync(session, Parse("\"second child\""), chain[0]);
        var root = await store.CreateCheckpointAsync(session, Parse("\"root\""));

        Assert.Equal([chain[1], second], await store.RetrieveIndexAsync(session, chain[0]));
        Assert.Equal([chain[2]], await store.RetrieveIndexAsync(session, chain[1]));
        Assert.Empty(await store.RetrieveIndexAsync(session, root));
        Assert.Empty(await store.RetrieveIndexAsync(session, new CheckpointInfo("another", chain[0].CheckpointId)));
        Assert.Empty(await store.RetrieveIndexAsync(session, new CheckpointInfo(session, "no id")));
        Assert.Equal([.. chain, second, root], await store.RetrieveIndexAsync(session));
    }

    [Fact]
    public async Task Create_WithParentsAndWithout_KeepsThem()
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        var first = await store.CreateCheckpointAsync(session, Parse("1"));
        var second = await store.CreateCheckpointAsync(session, Parse("2"));
        await store.CreateCheckpointAsync(session, Parse("3"), first);
        await store.CreateCheckpointAsync(session, Parse("4"), second);

        var parents = await store.Session(session).ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst }).Select(summary => summary.Parent ?? 0).ToListAsync();

        Assert.Equal([0, 0, 1, 2], parents);
    }

    [Fact]
    public async Task Retrieve_WhatIsNotThere_IsKeyNotFound()
    {
        var (store, session, other) = (await silo.StoreAsync(), silo.NewName(), silo.NewName());
        var key = await store.CreateCheckpointAsync(session, Parse("1"));
        await store.CreateCheckpointAsync(other, Parse("1"));

        await MissesAsync(session, new CheckpointInfo(session, Guid.NewGuid().ToString()));
        await MissesAsync(session, new CheckpointInfo(session, "latest"));
        await MissesAsync(other, key);
        await MissesAsync(other, new CheckpointInfo(other, key.CheckpointId));
        await MissesAsync(silo.NewName(), new CheckpointInfo("never", key.CheckpointId));
        await store.Session(session).DeleteAsync(CheckpointId.Parse(key.CheckpointId));
        await MissesAsync(session, key);
        await store.Session(session).DeleteSessionAsync();
        await MissesAsync(session, key);

        Task MissesAsync(string asked, CheckpointInfo missing) =>
            Assert.ThrowsAsync<KeyNotFoundException>(() => store.RetrieveCheckpointAsync(asked, missing).AsTask());
    }

    [Fact]
    public async Task Create_WithAForeignOrUnknownParent_IsRefusedAndChangesNothing()
    {
        var (store, session, other) = (await silo.StoreAsync(), silo.NewName(), silo.NewName());
        await store.CreateCheckpointAsync(session, Parse("1"));
        var foreign = await store.CreateCheckpointAsync(other, Parse("1"));

        var error = await Assert.ThrowsAsync<Forge.InvalidRequestException>(() => store.CreateCheckpointAsync(session, Parse("2"), foreign).AsTask());
        await Assert.ThrowsAsync<CheckpointNotFoundException>(
            () => store.CreateCheckpointAsync(session, Parse("2"), new CheckpointInfo(session, foreign.CheckpointId)).AsTask());
        await Assert.ThrowsAsync<CheckpointNotFoundException>(
            () => store.CreateCheckpointAsync(session, Parse("2"), new CheckpointInfo(session, Guid.NewGuid().ToString())).AsTask());
        await Assert.ThrowsAsync<CheckpointNotFoundException>(
            () => store.CreateCheckpointAsync(session, Parse("2"), new CheckpointInfo(session, "1")).AsTask());

        Assert.Equal("parent", error.Field);
        Assert.Single(await store.RetrieveIndexAsync(session));
    }

    [Fact]
    public async Task Create_TheSameAgain_IsOneCheckpoint()
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        var root = await store.CreateCheckpointAsync(session, Parse("1"));
        var child = await store.CreateCheckpointAsync(session, Parse("2"), root);
        await store.CreateCheckpointAsync(session, Parse("3"), child);

        var elsewhere = new ForgeCheckpointStore(await silo.ClientAsync());
        Assert.Equal(child, await elsewhere.CreateCheckpointAsync(session, Parse("2"), root));
        Assert.NotEqual(child, await elsewhere.CreateCheckpointAsync(session, Parse("2"), child));
        Assert.NotEqual(child, await elsewhere.CreateCheckpointAsync(session, Parse("2")));
        Assert.Equal(5, (await store.RetrieveIndexAsync(session)).Count());
    }

    [Fact]
    public async Task Create_ManyTimesAtOnce_IsOneCheckpoint()
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());

        var keys = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.CreateCheckpointAsync(session, Parse("1")).AsTask()));

        Assert.Single(keys.Distinct());
        Assert.Single(await store.RetrieveIndexAsync(session));
    }

    [Fact]
    public async Task Create_TheSameAsOneThatWasDeleted_IsThereAgain()
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        var root = await store.CreateCheckpointAsync(session, Parse("1"));
        var child = await store.CreateCheckpointAsync(session, Parse("2"), root);
        await store.Session(session).DeleteAsync(CheckpointId.Parse(child.CheckpointId));

        var again = await store.CreateCheckpointAsync(session, Parse("2"), root);

        Assert.Equal("2", (await store.RetrieveCheckpointAsync(session, again)).GetRawText());
        Assert.Equal([root, again], await store.RetrieveIndexAsync(session));
        Assert.Equal(again, await store.CreateCheckpointAsync(session, Parse("2"), root));
    }

    [Fact]
    public async Task Under_AClaim_KeepsOthersOutAndItsCheckpointsApart()
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());
        var root = await store.CreateCheckpointAsync(session, Parse("1"));
        var before = await store.CreateCheckpointAsync(session, Parse("2"), root);
        var first = store.Under(await store.Session(session).ClaimAsync("first"));
        var byFirst = await first.CreateCheckpointAsync(session, Parse("2"), root);

        Assert.NotEqual(before, byFirst);
        Assert.Equal(byFirst, await first.CreateCheckpointAsync(session, Parse("2"), root));
        await Assert.ThrowsAsync<SessionClaimedException>(() => store.CreateCheckpointAsync(session, Parse("3"), root).AsTask());

        var second = store.Under(await store.Session(session).ClaimAsync("second"));
        await Assert.ThrowsAsync<ClaimSupersededException>(() => first.CreateCheckpointAsync(session, Parse("3"), root).AsTask());
        var bySecond = await second.CreateCheckpointAsync(session, Parse("2"), root);
        Assert.Equal([root, before, byFirst, bySecond], await second.RetrieveIndexAsync(session));
        Assert.Throws<Forge.InvalidRequestException>(() => store.Under(store.Session(session)));
    }

    [Fact]
    public async Task Create_InSessionsWithNamesOfAllSorts_KeepsThemApart()
    {
        var store = await silo.StoreAsync();
        var name = silo.NewName();
        string[] names =
        [
            name, name.ToUpperInvariant(), name + "/a", name + "%2Fa", name + " a", name + "/A", name + "é", name + "e\u0301", ".", "..", name + "\0",
            name + new string('x', 300), name + new string('x', 301), name + new string('é', 100),
        ];

        foreach (var session in names)
        {
            await store.CreateCheckpointAsync(session, Parse(JsonSerializer.Serialize(session)));
        }

        Assert.Equal(names.Length, names.Select(session => store.Session(session).Address).Distinct().Count());
        foreach (var session in names)
        {
            var key = Assert.Single(await store.RetrieveIndexAsync(session));
            Assert.Equal(session, key.SessionId);
            Assert.Equal(session, (await store.RetrieveCheckpointAsync(session, key)).GetString());
        }
    }

    [Fact]
    public async Task Create_InASessionWhoseNameIsTooLong_KeepsItsNameAsLabels()
    {
        var store = await silo.StoreAsync();
        var session = silo.NewName() + string.Concat(Enumerable.Repeat("😀", 300));

        await store.CreateCheckpointAsync(session, Parse("1"));

        var labels = (await store.Session(session).InfoAsync())!.Settings.Labels;
        Assert.StartsWith("workflow:#", store.Session(session).Address.Session.Value, StringComparison.Ordinal);
        Assert.Equal(session, labels["agent-framework.session"] + labels["agent-framework.session#2"] + labels["agent-framework.session#3"]);
        Assert.Equal(3, labels.Count);
    }

    [Fact]
    public async Task Session_NameThatIsNone_IsRefused()
    {
        var store = await silo.StoreAsync();

        foreach (var session in new[] { "", "half \ud83d", "\ude00 half" })
        {
            Assert.Throws<Forge.InvalidRequestException>(() => store.Session(session));
            await Assert.ThrowsAsync<Forge.InvalidRequestException>(() => store.CreateCheckpointAsync(session, Parse("1")).AsTask());
        }
    }

    [Fact]
    public async Task Create_WithoutAValue_IsRefused()
    {
        var (store, session) = (await silo.StoreAsync(), silo.NewName());

        await Assert.ThrowsAsync<Forge.InvalidRequestException>(() => store.CreateCheckpointAsync(session, default).AsTask());

        Assert.Null(await store.Session(session).InfoAsync());
    }

    private static async Task<List<CheckpointInfo>> SaveChainAsync(ForgeCheckpointStore store, string session, int count)
    {
        var saved = new List<CheckpointInfo>();
        for (var i = 0; i < count; i++)
        {
            saved.Add(await store.CreateCheckpointAsync(session, Parse($"{i}"), saved.LastOrDefault()));
        }

        return saved;
    }

    private static JsonElement Parse(string json) => JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
}
