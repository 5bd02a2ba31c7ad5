using Forge.Checkpoints;
using Forge.Claims;
using Forge.Effects;
using Forge.Errors;
using Forge.Events;
using Forge.Feeds;
using Forge.Grains.Feeds;
using Forge.Grains.Tests.Retention;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Tests.Streams;
using Forge.Identity;
using Forge.Operations;
using Forge.Sessions;
using Orleans.Runtime;

namespace Forge.Grains.Tests.Feeds;

/// <summary>What the feed of a tenant promises, on each database, of which the cluster's has two silos. Each test has a tenant of its own.</summary>
public abstract class FeedContract(RetentionFixture fixture)
{
    private readonly string _tenant = Make.Id("t");

    private ForgeCluster Forge => fixture.Cluster;

    private IFeedGrain Feed => Forge.Grains.GetGrain<IFeedGrain>(SessionAddress.ToGrainKey(TenantId.Parse(_tenant)));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_EveryOperation_TellsWhatTheLogsOfAllSessionsDo()
    {
        var (one, two) = (Session("one"), Session("two"));
        await one.CreateAsync("first", "a");
        await two.CreateBatchAsync([Make.Checkpoint("1"), Make.Checkpoint("2"), Make.Checkpoint("3")]);
        await one.CreateAsync(Make.Checkpoint("second") with { Branch = "side" });
        await one.RestoreAsync(1);
        await one.RunAsync(new RestoreCheckpoint(2, "side"));
        await one.AnnotateAsync(1, AnnotationSeverity.Critical, "look");
        await one.SetTagsAsync(1, ["c"]);
        await one.SetSettingsAsync(new SessionSettings { Labels = new Dictionary<string, string> { ["team"] = "red" } });
        await one.RunAsync(new ClaimSession("worker", TimeSpan.FromMinutes(5)));
        await one.RunAsync(new ReleaseClaim { Epoch = 1 });
        await one.RunAsync(new PutWrites(1, [new NewWrite { Task = "task", Name = "n", Value = "1"u8.ToArray() }]));
        await one.RunAsync(new BeginEffect("k", EffectClass.Write, "request"), Cancel);
        await one.RunAsync(new CompleteEffect("k", 1, "1"u8.ToArray()), Cancel);
        await one.RunAsync(new BeginEffect("l", EffectClass.Write, "request"), Cancel);
        await one.RunAsync(new FailEffect("l", 1, "no"), Cancel);
        await one.RunAsync(new RestoreCheckpoint(1) { Save = new PresentState { Message = "saved", State = Make.State("s") } });
        await two.DeleteAsync(2);
        await Session("fork").RunAsync(new ForkSession(SessionId.Parse("two"), 3));
        await Session("copy").RunAsync(new ForkSession(SessionId.Parse("two"), 3, WithHistory: true));
        await Session("imported").ImportAllAsync(await one.ExportAllAsync());
        await Session("imported").CreateAsync("behind");
        await two.CompactAsync(new RetentionPolicy { KeepRecent = 1 });
        await Session("cleared").CreateAsync("gone");
        await Session("cleared").RunAsync(new ClearSession());
        await Session("lives").CreateAsync("before");
        await Session("lives").EraseSessionAsync();
        await Session("lives").RunAsync(new ReviveSession());
        await Session("lives").CreateAsync("after");
        await Session("deleted").CreateAsync("gone");
        await Session("deleted").DeleteSessionAsync();

        var told = await ReadAllAsync();
        foreach (var name in new[] { "one", "two", "fork", "copy", "imported", "cleared", "lives" })
        {
            var log = await Session(name).EventsAsync();
            Assert.NotEmpty(log);
            Assert.Equivalent(log, told.Where(e => e.Session.Value == name).Select(e => e.Event).ToList(), strict: true);
        }

        Assert.DoesNotContain(told, e => e.Session.Value == "deleted");

        // Some need more than is done here; they go by the same way. A missed checkpoint takes the passing of time.
        Assert.Equal(
            Enum.GetValues<LogEventKind>().Except(
                [
                    LogEventKind.Unknown, LogEventKind.EffectResolved, LogEventKind.EffectRefused, LogEventKind.EffectsImported,
                    LogEventKind.CheckpointMissed,
                ]).Order(),
            told.Select(e => e.Event.Kind).Except([LogEventKind.EffectsImported]).Distinct().Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(1000)]
    public async Task Read_FromAnyCursor_TellsExactlyTheRest(int limit)
    {
        for (var i = 0; i < 6; i++)
        {
            await Session("a").CreateAsync($"{i}");
            await Session("b").CreateBatchAsync([Make.Checkpoint($"{i}"), Make.Checkpoint($"{i}'")]);
        }

        var all = await ReadAllAsync();
        Assert.Equal(18, all.Count);
        Assert.Equal(all.Count, all.Select(e => e.Cursor).Distinct().Count());
        for (var i = 0; i < all.Count; i += 3)
        {
            Assert.Equivalent(all.Skip(i + 1), await ReadAllAsync(new FeedQuery { After = all[i].Cursor, Limit = limit }), strict: true);
        }
    }

    [Fact]
    public async Task Read_Latest_BeginsNow()
    {
        await Session("a").CreateAsync("before");
        await fixture.SettleAsync();
        var begun = await Feed.ReadAsync(new FeedQuery { After = FeedQuery.Latest }, Cancel);
        Assert.Equal((0, false), (begun.Items.Count, begun.More));
        await Session("a").CreateAsync("after");

        Assert.Equal("after", Assert.Single(await ReadAllAsync(new FeedQuery { After = begun.Next })).Event.Message);
    }

    [Fact]
    public async Task Read_ByPrefixLabelAndKind_TellsWhatMeetsThemAll()
    {
        foreach (var name in new[] { "a1", "a2", "b1" })
        {
            await Session(name).CreateAsync("x");
        }

        await Session("a2").SetSettingsAsync(new SessionSettings { Labels = new Dictionary<string, string> { ["team"] = "red" } });
        await Session("b1").SetSettingsAsync(new SessionSettings { Labels = new Dictionary<string, string> { ["team"] = "red" } });
        await Session("a2").SetTagsAsync(1, ["t"]);
        await Session("a1").SetTagsAsync(1, ["t"]);
        var red = new Dictionary<string, string> { ["team"] = "red" };

        Assert.Equal(["a1 created", "a2 created", "a2 tagged", "a1 tagged"], await NamesAsync(new FeedQuery { Prefix = "a" }));
        Assert.Equal(["a2 created", "b1 created", "a2 tagged"], await NamesAsync(new FeedQuery { Labels = red }));
        Assert.Equal(["a2 tagged", "a1 tagged"], await NamesAsync(new FeedQuery { Kinds = [LogEventKind.Tagged] }));
        Assert.Equal(["a2 tagged"], await NamesAsync(new FeedQuery { Prefix = "a", Labels = red, Kinds = [LogEventKind.Tagged, LogEventKind.Deleted] }));

        // What was looked at in vain is behind the cursor.
        await fixture.SettleAsync();
        var none = await Feed.ReadAsync(new FeedQuery { Prefix = "c" }, Cancel);
        Assert.Equal((0, false), (none.Items.Count, none.More));
        await Session("c1").CreateAsync("x");
        Assert.Equal(["c1 created"], await NamesAsync(new FeedQuery { Prefix = "c", After = none.Next }));
    }

    [Fact]
    public async Task Read_BadQuery_IsRefusedByName()
    {
        await Session("a").CreateAsync("x");
        var cursor = (await ReadAllAsync())[0].Cursor;
        foreach (var (query, field) in new[]
        {
            (new FeedQuery { Limit = 0 }, "limit"),
            (new FeedQuery { Wait = TimeSpan.FromSeconds(-1) }, "wait"),
            (new FeedQuery { Wait = TimeSpan.FromSeconds(21) }, "wait"),
            (new FeedQuery { Prefix = "a b" }, "prefix"),
            (new FeedQuery { Kinds = [(LogEventKind)99] }, "kind"),
            (new FeedQuery { After = "x" }, "after"),
            (new FeedQuery { After = cursor + "A" }, "after"),
            (new FeedQuery { After = cursor, Prefix = "a" }, "after"),
            (new FeedQuery { After = cursor, Kinds = [LogEventKind.Created] }, "after"),
            (new FeedQuery { After = cursor, Labels = new Dictionary<string, string> { ["a"] = "b" } }, "after"),
        })
        {
            Assert.Equal(field, (await Assert.ThrowsAsync<InvalidRequestException>(() => Feed.ReadAsync(query, Cancel))).Field);
        }

        // Nor is it of another tenant, which is the caller's mistake, and no loss.
        var other = Forge.Grains.GetGrain<IFeedGrain>(SessionAddress.ToGrainKey(TenantId.Parse(Make.Id("t"))));
        var foreign = await Assert.ThrowsAsync<InvalidRequestException>(() => other.ReadAsync(new FeedQuery { After = cursor }, Cancel));
        Assert.Equal("after", foreign.Field);
        Assert.Equal("limit", (await Assert.ThrowsAsync<OverLimitException>(() => Feed.ReadAsync(new FeedQuery { Limit = 1001 }, Cancel))).Field);
    }

    [Fact]
    public async Task Read_WithAWait_AnswersWithWhatComesAndKeepsNothingBehind()
    {
        await Session("a").CreateAsync("1");
        await fixture.SettleAsync();
        var begun = await Feed.ReadAsync(new FeedQuery(), Cancel);
        Assert.Single(begun.Items);
        var next = Feed.ReadAsync(new FeedQuery { After = begun.Next, Wait = FeedQuery.LongestWait }, Cancel);
        await Session("a").CreateAsync("2");

        Assert.Equal("2", Assert.Single((await next).Items).Event.Message);
        for (var silo = 0; silo < Forge.Cluster.Silos.Count; silo++)
        {
            var watches = Forge.Service<FeedWatches>(silo);
            await Watching.UntilAsync(() => watches is { Waiters: 0, Tenants: 0 });

            // It hears that its silo stops.
            Assert.Contains(watches, Forge.Service<IEnumerable<ILifecycleParticipant<ISiloLifecycle>>>(silo));
        }
    }

    [Fact]
    public async Task Read_WithAWaitForWhatDoesNotCome_AnswersThatThereIsNothing()
    {
        await Session("a").CreateAsync("1");
        await fixture.SettleAsync();
        var begun = await Feed.ReadAsync(new FeedQuery { Prefix = "b" }, Cancel);
        var next = Feed.ReadAsync(new FeedQuery { Prefix = "b", After = begun.Next, Wait = TimeSpan.FromSeconds(1) }, Cancel);
        await Session("a").CreateAsync("2");

        // It moved on all the same.
        var page = await next;
        Assert.Equal((0, false), (page.Items.Count, page.More));
        await Session("b").CreateAsync("3");
        await fixture.SettleAsync();
        Assert.Equal("3", Assert.Single((await Feed.ReadAsync(new FeedQuery { Prefix = "b", After = page.Next }, Cancel)).Items).Event.Message);
    }

    [Fact]
    public async Task Read_CursorOfWhatIsNotKeptAnyMore_IsExpired()
    {
        await Session("a").CreateAsync("1");
        await Session("a").CreateAsync("2");
        var all = await ReadAllAsync();
        await fixture.SettleAsync();
        var end = (await Feed.ReadAsync(new FeedQuery(), Cancel)).Next;
        await fixture.SweepAfterAsync(new FeedOptions().Keep + TimeSpan.FromDays(2));

        var expired = await Assert.ThrowsAsync<FeedExpiredException>(() => Feed.ReadAsync(new FeedQuery { After = all[0].Cursor }, Cancel));
        Assert.Equal(_tenant, expired.Tenant.Value);
        Assert.Empty((await Feed.ReadAsync(new FeedQuery { After = end }, Cancel)).Items);
        await Session("a").CreateAsync("3");
        Assert.Equal("3", Assert.Single(await ReadAllAsync(new FeedQuery { After = end })).Event.Message);
        Assert.Equal("3", Assert.Single(await ReadAllAsync()).Event.Message);
        Assert.Equal(3, (await Session("a").EventsAsync()).Count);
    }

    [Fact]
    public async Task Read_RowThatIsLost_IsToldApartFromOneThatExpired()
    {
        await Session("a").CreateAsync("1");
        await Session("a").CreateAsync("2");
        var all = await ReadAllAsync();
        await fixture.ExecuteAsync($"DELETE FROM feed WHERE tenant = '{_tenant}'");

        var lost = await Assert.ThrowsAsync<FeedLostException>(() => Feed.ReadAsync(new FeedQuery { After = all[1].Cursor }, Cancel));
        Assert.Contains("backup", lost.Message, StringComparison.Ordinal);
        Assert.Empty(await ReadAllAsync());
    }

    [Fact]
    public async Task Read_BesideManyWritersOfManySessions_HasNoHoleAndNoRepeat()
    {
        const int sessions = 12;
        const int each = 25;
        var writing = Task.WhenAll(Enumerable.Range(0, sessions).Select(async s =>
        {
            for (var i = 1; i <= each; i++)
            {
                await Session($"s{s}").CreateAsync($"{i}");
            }
        }));
        var (told, query) = (new List<FeedEvent>(), new FeedQuery { Limit = 17, Wait = TimeSpan.FromSeconds(5) });
        while (told.Count < sessions * each)
        {
            var page = await Feed.ReadAsync(query, Cancel);
            Assert.True(page.Items.Count > 0 || page.More || !writing.IsCompleted, $"{told.Count} came, and no more does");
            told.AddRange(page.Items);
            query = query with { After = page.Next };
        }

        await writing;
        foreach (var session in told.GroupBy(e => e.Session))
        {
            session.Select(e => e.Event).ToList().MustFollow(1);
        }

        Assert.Equal(sessions * each, told.Count);
    }

    private ISessionGrain Session(string name) => Forge.Session(name, _tenant);

    private async Task<List<string>> NamesAsync(FeedQuery query) =>
        [.. (await ReadAllAsync(query)).Select(e => $"{e.Session} {e.Event.Kind.ToName()}")];

    private async Task<List<FeedEvent>> ReadAllAsync(FeedQuery? query = null)
    {
        var (all, next) = (new List<FeedEvent>(), query ?? new FeedQuery());
        await fixture.SettleAsync();
        while (true)
        {
            var page = await Feed.ReadAsync(next, Cancel);
            Assert.True(page.Items.Count <= next.Limit);
            all.AddRange(page.Items);
            if (!page.More)
            {
                return all;
            }

            next = next with { After = page.Next };
        }
    }
}

public sealed class SqliteFeedContract(SqliteRetentionFixture fixture)
    : FeedContract(fixture), IClassFixture<SqliteRetentionFixture>;

public sealed class PostgreSqlFeedContract(PostgreSqlRetentionFixture fixture)
    : FeedContract(fixture), IClassFixture<PostgreSqlRetentionFixture>;
