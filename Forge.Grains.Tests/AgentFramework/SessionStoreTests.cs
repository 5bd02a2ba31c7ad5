using AgentFrameworkSample;
using Forge.AgentFramework.AgentSessions;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;

namespace Forge.Grains.Tests.AgentFramework;

public sealed class SessionStoreTests(AgentFrameworkSilo silo)
{
    private const string Noted = "noted";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_AfterASave_AnswersWithWhatWasSaved()
    {
        var (store, agent, key) = (await StoreAsync(), Agent("helper"), new AgentSessionStoreKey(silo.NewName()));
        Assert.Null(await store.GetSessionAsync(agent, key, Cancel));
        var session = await store.GetOrCreateSessionAsync(agent, key, Cancel);
        await agent.RunAsync("one", session, cancellationToken: Cancel);
        await store.SaveSessionAsync(agent, key, session, Cancel);

        var read = await store.GetSessionAsync(Agent("helper"), key, Cancel);

        Assert.NotSame(session, read);
        Assert.True(read!.TryGetInMemoryChatHistory(out var messages));
        Assert.Equal(["one", "one (1)"], messages!.Select(message => message.Text));
    }

    [Fact]
    public async Task Save_ManyTimes_IsACheckpointEachAndCanBeRewound()
    {
        var (store, agent, key) = (await StoreAsync(), Agent("helper"), new AgentSessionStoreKey(silo.NewName()));
        var session = await store.GetOrCreateSessionAsync(agent, key, Cancel);
        for (var i = 1; i <= 3; i++)
        {
            session.StateBag.SetValue(Noted, $"{i}");
            await store.SaveSessionAsync(agent, key, session, Cancel);
        }

        var forge = store.Session(agent, key);
        await forge.RestoreAsync(2, cancellationToken: Cancel);
        var rewound = await store.GetSessionAsync(agent, key, Cancel);
        Assert.Equal("2", rewound!.StateBag.GetValue<string>(Noted));
        rewound.StateBag.SetValue(Noted, "other");
        await store.SaveSessionAsync(agent, key, rewound, Cancel);

        Assert.Equal("other", (await store.GetSessionAsync(agent, key, Cancel))!.StateBag.GetValue<string>(Noted));
        var parents = await forge.ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst }, Cancel).Select(summary => summary.Parent ?? 0).ToListAsync(Cancel);
        Assert.Equal([0, 1, 2, 2], parents);
    }

    [Fact]
    public async Task Save_OverANewerOne_IsRefusedAndChangesNothing()
    {
        var (store, agent, key) = (await StoreAsync(), Agent("helper"), new AgentSessionStoreKey(silo.NewName()));
        await store.SaveSessionAsync(agent, key, await agent.CreateSessionAsync(Cancel), Cancel);
        var first = await store.GetSessionAsync(agent, key, Cancel);
        var second = await store.GetSessionAsync(agent, key, Cancel);
        first!.StateBag.SetValue(Noted, "first");
        second!.StateBag.SetValue(Noted, "second");
        var fresh = await agent.CreateSessionAsync(Cancel);
        fresh.StateBag.SetValue(Noted, "fresh");

        await store.SaveSessionAsync(agent, key, first, Cancel);
        var stale = await Assert.ThrowsAsync<HeadMismatchException>(() => store.SaveSessionAsync(agent, key, second, Cancel).AsTask());
        var unread = await Assert.ThrowsAsync<HeadMismatchException>(() => store.SaveSessionAsync(agent, key, fresh, Cancel).AsTask());

        Assert.Equal((1L, 2L), (stale.Expected, stale.Actual));
        Assert.Equal((0L, 2L), (unread.Expected, unread.Actual));
        Assert.Equal("first", (await store.GetSessionAsync(agent, key, Cancel))!.StateBag.GetValue<string>(Noted));
        Assert.Equal(2, (await store.Session(agent, key).InfoAsync(Cancel))!.Count);
    }

    [Fact]
    public async Task Save_OfWhatWasSavedBeforeOverANewerOne_IsRefused()
    {
        var (store, agent, key) = (await StoreAsync(), Agent("helper"), new AgentSessionStoreKey(silo.NewName()));
        await store.SaveSessionAsync(agent, key, await agent.CreateSessionAsync(Cancel), Cancel);
        var read = (await store.GetSessionAsync(agent, key, Cancel))!;
        read.StateBag.SetValue(Noted, "went on");
        await store.SaveSessionAsync(agent, key, read, Cancel);

        // Byte for byte what was saved first.
        var unread = await Assert.ThrowsAsync<HeadMismatchException>(
            async () => await store.SaveSessionAsync(agent, key, await agent.CreateSessionAsync(Cancel), Cancel));

        Assert.Equal((0L, 2L), (unread.Expected, unread.Actual));
        Assert.Equal("went on", (await store.GetSessionAsync(agent, key, Cancel))!.StateBag.GetValue<string>(Noted));
    }

    [Fact]
    public async Task Save_OfASessionThatWasCarriedElsewhere_IsStillKnownToBeOfWhereItWasRead()
    {
        var (store, agent, key) = (await StoreAsync(), Agent("helper"), new AgentSessionStoreKey(silo.NewName()));
        await store.SaveSessionAsync(agent, key, await agent.CreateSessionAsync(Cancel), Cancel);
        var read = await store.GetSessionAsync(agent, key, Cancel);
        var carried = await agent.DeserializeSessionAsync(await agent.SerializeSessionAsync(read!, cancellationToken: Cancel), cancellationToken: Cancel);
        carried.StateBag.SetValue(Noted, "carried");

        await store.SaveSessionAsync(agent, key, carried, Cancel);
        await Assert.ThrowsAsync<HeadMismatchException>(() => store.SaveSessionAsync(agent, key, read!, Cancel).AsTask());

        Assert.Equal("carried", (await store.GetSessionAsync(agent, key, Cancel))!.StateBag.GetValue<string>(Noted));
    }

    [Fact]
    public async Task Save_UnderAnotherKey_IsANewSession()
    {
        var (store, agent) = (await StoreAsync(), Agent("helper"));
        var (one, two) = (new AgentSessionStoreKey(silo.NewName()), new AgentSessionStoreKey(silo.NewName()));
        var session = await agent.CreateSessionAsync(Cancel);

        await store.SaveSessionAsync(agent, one, session, Cancel);
        await store.SaveSessionAsync(agent, one, session, Cancel);
        await store.SaveSessionAsync(agent, two, session, Cancel);

        Assert.Equal(1, (await store.Session(agent, two).InfoAsync(Cancel))!.Count);
        Assert.Equal(2, (await store.Session(agent, one).InfoAsync(Cancel))!.Count);
    }

    [Fact]
    public async Task Delete_ASession_IsGoneUntilItIsSavedAnew()
    {
        var (store, agent, key) = (await StoreAsync(), Agent("helper"), new AgentSessionStoreKey(silo.NewName()));
        await store.DeleteSessionAsync(agent, key, Cancel);
        var first = await agent.CreateSessionAsync(Cancel);
        await store.SaveSessionAsync(agent, key, first, Cancel);
        await store.DeleteSessionAsync(agent, key, Cancel);
        await store.DeleteSessionAsync(agent, key, Cancel);

        Assert.Null(await store.GetSessionAsync(agent, key, Cancel));
        await Assert.ThrowsAsync<SessionDeletedException>(() => store.SaveSessionAsync(agent, key, first, Cancel).AsTask());
        var second = await store.GetOrCreateSessionAsync(agent, key, Cancel);
        await store.SaveSessionAsync(agent, key, second, Cancel);

        Assert.NotNull(await store.GetSessionAsync(agent, key, Cancel));
        await Assert.ThrowsAsync<HeadMismatchException>(() => store.SaveSessionAsync(agent, key, first, Cancel).AsTask());
        Assert.Equal(1, (await store.Session(agent, key).InfoAsync(Cancel))!.Count);
    }

    [Fact]
    public async Task Save_OfAFirstSessionThatWasClearedSince_IsThere()
    {
        var (store, agent, key) = (await StoreAsync(), Agent("helper"), new AgentSessionStoreKey(silo.NewName()));
        await store.SaveSessionAsync(agent, key, await agent.CreateSessionAsync(Cancel), Cancel);
        await store.Session(agent, key).ClearAsync(cancellationToken: Cancel);
        Assert.Null(await store.GetSessionAsync(agent, key, Cancel));

        await store.SaveSessionAsync(agent, key, await agent.CreateSessionAsync(Cancel), Cancel);

        Assert.NotNull(await store.GetSessionAsync(agent, key, Cancel));
    }

    [Fact]
    public async Task Session_OfKeysThatDifferInAnyPart_IsNeverTheSame()
    {
        var store = await StoreAsync();
        (string Agent, string Session, (string, string)[] Partitions)[] keys =
        [
            ("a", "s", []), ("A", "s", []), ("", "s", []), ("a", "S", []), ("a", "s:", []), ("a:", "s", []), ("a", ":s", []), ("a", "u=1:s", []),
            ("a", "s", [("u", "1")]), ("a", "s", [("U", "1")]), ("a", "s", [("u", "2")]), ("a", "s", [("u", "1"), ("v", "2")]),
            ("a", "s", [("u", "1;v=2")]), ("a", "s", [("u=1;v", "2")]), ("a", "s", [("u", "v"), ("1", "2")]), ("a", "s", [("u", "2"), ("v", "1")]),
            ("a", "s", [("u", "é")]), ("a", "s", [("u", "%C3%A9")]), ("a", new string('s', 300), []), ("a", new string('s', 301), []),
            ("a", "s", [("u", new string('s', 300))]), ("a", "s", [("v", new string('s', 300))]),
        ];

        var sessions = keys.Select(key => store.Session(Agent(key.Agent), Key(key.Session, key.Partitions)).Address).ToList();

        Assert.Equal(keys.Length, sessions.Distinct().Count());
        Assert.Equal(
            store.Session(Agent("a"), Key("s", ("u", "1"), ("v", "2"))).Address, store.Session(Agent("a"), Key("s", ("v", "2"), ("u", "1"))).Address);
        Assert.Equal("agent:a:u=1;v=2:s", store.Session(Agent("a"), Key("s", ("v", "2"), ("u", "1"))).Address.Session.Value);
    }

    [Fact]
    public async Task Save_UnderAKeyThatIsTooLong_KeepsItsPartsAsLabels()
    {
        var (store, agent) = (await StoreAsync(), Agent("helper"));
        var (name, value) = (silo.NewName() + new string('s', 300), new string('v', 300));
        var key = Key(name, ("user", value), ("team", "red"));

        await store.SaveSessionAsync(agent, key, await agent.CreateSessionAsync(Cancel), Cancel);

        var info = (await store.Session(agent, key).InfoAsync(Cancel))!;
        Assert.StartsWith("agent:#", info.Session.Value, StringComparison.Ordinal);
        var labels = info.Settings.Labels;
        Assert.Equal(name, labels["agent-framework.session"] + labels["agent-framework.session#2"]);
        Assert.Equal(value, labels["agent-framework.partition:user"] + labels["agent-framework.partition#2:user"]);
        Assert.Equal("red", labels["agent-framework.partition:team"]);
        Assert.Equal("helper", labels["agent-framework.agent"]);
        Assert.Equal(6, labels.Count);
    }

    [Fact]
    public async Task Session_WithAPartitionThatIsTheTenant_IsOfThatTenant()
    {
        var store = await StoreAsync(new ForgeSessionStoreOptions { TenantPartition = "org" });
        var agent = Agent("helper");

        var session = store.Session(agent, Key("s", ("org", "blue"), ("user", "1"))).Address;
        var missing = Assert.Throws<Forge.InvalidRequestException>(() => store.Session(agent, Key("s", ("user", "1"))));
        var bad = Assert.Throws<Forge.InvalidRequestException>(() => store.Session(agent, Key("s", ("org", "b/lue"))));

        Assert.Equal(new SessionAddress(TenantId.Parse("blue"), SessionId.Parse("agent:helper:user=1:s")), session);
        Assert.Equal(("partitions", "partitions"), (missing.Field, bad.Field));
    }

    [Fact]
    public async Task Save_OfTheSameKeyInTwoPartitions_KeepsThemApart()
    {
        var (store, agent, name) = (await StoreAsync(), Agent("helper"), silo.NewName());
        var (ann, bob) = (Key(name, ("user", "ann")), Key(name, ("user", "bob")));
        var session = await agent.CreateSessionAsync(Cancel);
        session.StateBag.SetValue(Noted, "ann's");
        await store.SaveSessionAsync(agent, ann, session, Cancel);

        Assert.Null(await store.GetSessionAsync(agent, bob, Cancel));
        await store.DeleteSessionAsync(agent, bob, Cancel);
        Assert.Equal("ann's", (await store.GetSessionAsync(agent, ann, Cancel))!.StateBag.GetValue<string>(Noted));
    }

    private static AgentSessionStoreKey Key(string session, params (string Name, string Value)[] partitions) =>
        new(session, partitions.ToDictionary(partition => partition.Name, partition => partition.Value));

    private static ChatClientAgent Agent(string name) => new(new EchoChatClient(), new ChatClientAgentOptions { Name = name });

    private async Task<ForgeSessionStore> StoreAsync(ForgeSessionStoreOptions? options = null) => new(await silo.ClientAsync(), options);
}
