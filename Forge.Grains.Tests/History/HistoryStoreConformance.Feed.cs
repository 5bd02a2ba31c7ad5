using Forge.Errors;
using Forge.Events;
using Forge.Grains.Tests.Integrity;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    private static readonly FeedFilter All = new() { Limit = 1000, Bytes = 1 << 20 };

    [Fact]
    public async Task Feed_NoSession_IsEmptyAndGoesOnFromThere()
    {
        var begun = await (await FeedOfNowAsync()).ReadAsync(TenantId.Default, All, null, Cancel);
        Assert.Equal((0, true), (begun.Items.Count, begun.IsAtEnd));
        Assert.Equal(begun.Place, await (await FeedOfNowAsync()).NewestAsync(TenantId.Default, Cancel));
        await Session("s").CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equal(["s 1"], Told(await FeedAsync(begun.Place)));
    }

    [Fact]
    public async Task Feed_SessionsOfTwoTenantsInOneBatch_TellsEachItsOwnInTheOrderOfTheCommits()
    {
        var (a, b, other) = (Session("a"), Session("b"), Session("a", "other"));
        await CommitAllAsync((a, [HistoryRows.Checkpoint(1)]), (b, [HistoryRows.Checkpoint(1)]), (other, [HistoryRows.Checkpoint(1)]));
        await b.CreateAsync(HistoryRows.Checkpoint(2), HistoryRows.Checkpoint(3));
        await CommitAllAsync((a, [HistoryRows.Checkpoint(2)]), (other, [HistoryRows.Checkpoint(2)]));

        Assert.Equal(["a 1", "b 1", "b 2", "b 3", "a 2"], Told(await FeedAsync(null)));
        Assert.Equal(["a 1", "a 2"], Told(await FeedAsync(null, All, "other")));
        Assert.Empty(await FeedAsync(null, All, "none"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Feed_PlainCreatesOfAnyNumberOfSessions_AreEachOnce(int count)
    {
        // One to four go by statements of their own, more by one over arrays, and what is new by the general one.
        count = Math.Min(count, 12);
        var sessions = Enumerable.Range(0, count).Select(i => Session($"s{i:00}")).ToArray();
        for (var sequence = 1; sequence <= 4; sequence++)
        {
            await CommitAllAsync([.. sessions.Select(s => (s, new[] { HistoryRows.Checkpoint(sequence) }))]);
        }

        var told = Told(await FeedAsync(null));
        Assert.Equal(
            Enumerable.Range(1, 4).SelectMany(sequence => sessions.Select(s => $"{s.Address.Session} {sequence}")).Order(),
            told.Order());
        Assert.All(sessions, s => Assert.Equal([1, 2, 3, 4], PositionsOf(told, s)));
    }

    [Fact]
    public async Task Feed_CommitThatWasRefused_IsNotInItAndItsNeighboursAre()
    {
        SessionScript[] sessions = [.. Enumerable.Range(0, 6).Select(i => Session($"s{i}"))];
        await CommitAllAsync([.. sessions.Select(s => (s, new[] { HistoryRows.Checkpoint(1) }))]);
        var late = await sessions[2].NextAsync(HistoryRows.Checkpoint(2));
        await sessions[2].CommitAsync(c => c with { Head = c.Head with { Settings = "{}" } });

        // Few and many, plain and not.
        foreach (var (others, i) in new[] { 1, 5 }.Select((others, i) => (others, i)))
        {
            SessionScript[] neighbours = [.. sessions.Where(s => s != sessions[2]).Take(others)];
            SessionCommit[] commits = await Task.WhenAll(neighbours.Select(s => s.NextAsync(HistoryRows.Checkpoint(i + 2))));
            var batch = SessionScript.Batch([.. commits, late]);
            var outcomes = await Store.Commits.CommitAsync(batch, Cancel);
            Assert.Equal(others, outcomes.Count(o => o.Status == CommitStatus.Committed));
            Array.ForEach(neighbours, s => s.Took(batch));
        }

        var told = Told(await FeedAsync(null));
        Assert.Equal(6 + 1 + 5, told.Count);
        Assert.Equal([1], PositionsOf(told, sessions[2]));
        await sessions[2].CreateAsync(HistoryRows.Checkpoint(2));
        Assert.Equal([1, 2], PositionsOf(Told(await FeedAsync(null)), sessions[2]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(100)]
    public async Task Feed_FromEachPlace_TellsExactlyTheRest(int limit)
    {
        var sessions = Enumerable.Range(0, 3).Select(i => Session($"s{i}")).ToArray();
        for (var first = 1; first <= 9; first += 3)
        {
            await CommitAllAsync([.. sessions.Select((s, i) => (s, HistoryRows.Checkpoints(first, first + i)))]);
            await CommitAllAsync([.. sessions.Select((s, i) => (s, HistoryRows.Checkpoints(first + i + 1, first + 2))).Where(s => s.Item2.Length > 0)]);
        }

        var all = await FeedAsync(null);
        Assert.Equal(27, all.Count);
        Assert.All(sessions, s => Assert.Equal(Enumerable.Range(1, 9).Select(p => (long)p), PositionsOf(Told(all), s)));
        Assert.Equal(Told(all), Told(await FeedAsync(null, All with { Limit = limit })));
        for (var i = 0; i < all.Count; i++)
        {
            Assert.Equal(Told(all.Skip(i + 1)), Told(await FeedAsync(all[i].Place, All with { Limit = limit })));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3000)]
    [InlineData(1 << 20)]
    public async Task Feed_PageOfSoManyBytes_EndsAndGoesOn(int bytes)
    {
        var sessions = Enumerable.Range(0, 3).Select(i => Session($"s{i}")).ToArray();
        for (var sequence = 1; sequence <= 8; sequence++)
        {
            var text = new string('x', 1000);
            await CommitAllAsync([.. sessions.Select(s => (s, new[] { HistoryRows.Checkpoint(sequence) with { Message = text } }))]);
        }

        var first = await (await FeedOfNowAsync()).ReadAsync(TenantId.Default, All with { Bytes = bytes }, null, Cancel);
        Assert.InRange(first.Items.Count, 1, bytes == 1 << 20 ? 24 : 9);
        var told = Told(await FeedAsync(null, All with { Bytes = bytes }));
        Assert.Equal(24, told.Count);
        Assert.All(sessions, s => Assert.Equal(Enumerable.Range(1, 8).Select(p => (long)p), PositionsOf(told, s)));
    }

    [Fact]
    public async Task Feed_ByPrefixLabelAndKind_TellsWhatMeetsThemAll()
    {
        var (a, ab, b) = (Session("a"), Session("ab"), Session("b"));
        await CommitAllAsync((a, [HistoryRows.Checkpoint(1)]), (ab, [HistoryRows.Checkpoint(1)]), (b, [HistoryRows.Checkpoint(1)]));
        foreach (var session in new[] { ab, b })
        {
            await session.CommitAsync(c => c with
            {
                Head = c.Head with { LastPosition = 2 },
                Changes =
                [
                    new Labelled([new StoredLabel("team", "red"), new StoredLabel("tier", session == b ? "1" : "2")]),
                    new Logged(new SessionEvent(2, SessionEventKind.Claimed, HistoryRows.Start, 0, 1, """{"epoch":1,"owner":"w"}""")),
                ],
            });
        }

        Assert.Equal(["a 1", "ab 1", "ab 2"], Told(await FeedAsync(null, All with { Prefix = "a" })));
        Assert.Equal(["ab 1", "b 1", "ab 2", "b 2"], Told(await FeedAsync(null, All with { Labels = [new("team", "red")] })));
        Assert.Equal(["b 1", "b 2"], Told(await FeedAsync(null, All with { Labels = [new("team", "red"), new("tier", "1")] })));
        var claims = All with { Kinds = new HashSet<LogEventKind> { LogEventKind.Claimed } };
        Assert.Equal(["ab 2", "b 2"], Told(await FeedAsync(null, claims)));
        Assert.Equal(["ab 2"], Told(await FeedAsync(null, claims with { Prefix = "a", Limit = 1 })));
        Assert.Empty(await FeedAsync(null, claims with { Labels = [new("team", "blue")] }));
    }

    [Fact]
    public async Task Feed_NothingThatMeetsTheConditions_MovesOnByABoundedNumberOfRows()
    {
        var (noise, wanted) = (Session("noise"), Session("wanted"));
        for (var sequence = 1; sequence <= 20; sequence++)
        {
            await noise.CreateAsync(HistoryRows.Checkpoint(sequence));
        }

        await wanted.CreateAsync(HistoryRows.Checkpoint(1));
        var filter = All with { Prefix = "wanted", Rows = 6 };
        var (place, pages) = (default(FeedPlace?), 0);
        FeedRead read;
        do
        {
            read = await (await FeedOfNowAsync()).ReadAsync(TenantId.Default, filter, place, Cancel);
            Assert.True(place is null || read.Place.IsAfter(place.Value));
            place = read.Place;
            pages++;
        }
        while (read.Items.Count == 0);

        Assert.Equal((4, true, "wanted"), (pages, read.IsAtEnd, read.Items[0].Session.Value));
        Assert.Empty((await (await FeedOfNowAsync()).ReadAsync(TenantId.Default, filter, place, Cancel)).Items);
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData("s", 2)]
    public async Task Feed_AllSessions_LooksAtNoMoreRowsThanThePageHasEvents(string prefix, int expected)
    {
        var session = Session("s");
        for (var sequence = 1; sequence <= 10; sequence++)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(sequence));
        }

        // What was deleted since gives no events, and shows how far a page looks.
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        var filter = All with { Prefix = prefix, Limit = 2, Rows = 6 };
        var (place, pages) = (default(FeedPlace?), 0);
        FeedRead read;
        do
        {
            read = await (await FeedOfNowAsync()).ReadAsync(TenantId.Default, filter, place, Cancel);
            Assert.Empty(read.Items);
            place = read.Place;
            pages++;
        }
        while (!read.IsAtEnd);

        Assert.Equal(expected, pages);
    }

    [Fact]
    public async Task Feed_SessionThatWasDeletedOrTrimmedSince_LeavesOutWhatIsGone()
    {
        var (gone, trimmed, stays) = (Session("gone"), Session("trimmed"), Session("stays"));
        foreach (var session in new[] { gone, trimmed, stays })
        {
            await session.CreateAsync(HistoryRows.Checkpoints(1, 5));
        }

        await gone.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        await RemoveAsync(trimmed, new SequenceRange(1, 3));
        await TrimAsync(trimmed, newest: 0, second: 99, limit: 50);

        Assert.Equal(
            ["trimmed 4", "trimmed 5", "stays 1", "stays 2", "stays 3", "stays 4", "stays 5"],
            Told(await FeedAsync(null)));
        Assert.Equal(7, (await FeedAsync(null, All with { Limit = 1 })).Count);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public async Task Feed_AnyMixOfChanges_TellsTheLogsOfAllSessions(int seed)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var (random, made) = (new Random(seed), new List<MadeHistory>());
        for (var i = 0; i < 3; i++)
        {
            made.Add(new MadeHistory(Store, HistoryRows.Address($"s{i}"), (seed * 10) + i));
        }

        for (var round = 0; round < 8; round++)
        {
            await made[random.Next(made.Count)].MakeAsync(5);
            await made[random.Next(made.Count)].MakeAsync(2);
        }

        var all = await FeedAsync(null, All with { Limit = random.Next(1, 20) });
        foreach (var history in made)
        {
            var log = await Store.Log.ReadAsync(history.Address, 0, 10_000, long.MaxValue, Cancel);
            Assert.Equal(
                log?.Entries.Where(e => e is not GapEntry).Select(e => e.Position) ?? [],
                all.Where(item => item.Session == history.Address.Session).Select(item => item.Event.Position));
        }
    }

    [Fact]
    public async Task Feed_TrimmedRows_AreExpiredForWhoWasBeforeThem()
    {
        var (session, other) = (Session("s"), Session("o", "other"));
        await session.CreateAsync(HistoryRows.Checkpoints(1, 2));
        await session.CreateAsync(HistoryRows.Checkpoint(3));
        await other.CreateAsync(HistoryRows.Checkpoint(1));
        var before = await FeedAsync(null);
        var begun = (await (await FeedOfNowAsync()).ReadAsync(TenantId.Default, All, null, Cancel)).Place;
        Assert.Equal(["default 0", "other 0"], await TrimFeedsAsync(TimeProvider.System.GetUtcNow().AddHours(-1), 1));
        Assert.Equal(["default 1", "other 1"], await TrimFeedsAsync(TimeProvider.System.GetUtcNow().AddHours(1), 1));

        Assert.Equal(["s 3"], Told(await FeedAsync(null)));
        await Assert.ThrowsAsync<FeedExpiredException>(() => FeedAsync(before[0].Place));
        await Assert.ThrowsAsync<FeedExpiredException>(() => FeedAsync(begun with { Tx = 0, Id = 0 }));
        Assert.Empty(await FeedAsync(before[2].Place));
        await TrimFeedsAsync(TimeProvider.System.GetUtcNow().AddHours(1), 10);

        // Whoever had read all of it misses nothing, though its row is gone; nor does who begins now.
        Assert.Empty(await FeedAsync(begun));
        Assert.Empty(await FeedAsync(null));
        var now = await (await FeedOfNowAsync()).NewestAsync(TenantId.Default, Cancel);
        await session.CreateAsync(HistoryRows.Checkpoint(4));
        Assert.Equal(["s 4"], Told(await FeedAsync(begun)));
        Assert.Equal(["s 4"], Told(await FeedAsync(now)));
        Assert.Equal(["s 4"], Told(await FeedAsync(null)));
    }

    [Fact]
    public async Task Feed_PlaceOfAnotherEpochOrOfARowThatIsLost_IsAnErrorOfItsOwn()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var place = (await FeedAsync(null))[0].Place;
        foreach (var foreign in new[]
        {
            place with { Epoch = place.Epoch + 1 }, place with { Tx = place.Tx + 1 }, place with { Id = place.Id + 1 },
            place with { WrittenAt = place.WrittenAt.AddMicroseconds(1) },
        })
        {
            await Assert.ThrowsAsync<FeedLostException>(() => FeedAsync(foreign));
        }
    }

    private async Task<List<string>> TrimFeedsAsync(DateTimeOffset before, int limit)
    {
        var steps = new List<string>();
        string? after = null;
        while (await (await FeedOfNowAsync()).TrimAsync(after, before, limit, Cancel) is { } step)
        {
            steps.Add($"{after = step.Tenant} {step.Rows}");
        }

        return steps;
    }

    private async Task CommitAllAsync(params (SessionScript Session, StoredCheckpoint[] Rows)[] sessions)
    {
        var batch = SessionScript.Batch(await Task.WhenAll(sessions.Select(s => s.Session.NextAsync(s.Rows))));
        var outcomes = await Store.Commits.CommitAsync(batch, Cancel);
        Assert.All(outcomes, o => Assert.Equal(CommitStatus.Committed, o.Status));
        Array.ForEach(sessions, s => s.Session.Took(batch));
    }

    /// <summary>All that there is behind a place, page after page.</summary>
    /// <summary>The feed, once it tells all that is committed by now.</summary>
    private protected virtual Task<IFeed> FeedOfNowAsync() => Task.FromResult(Store.Feed);

    private async Task<List<FeedItem>> FeedAsync(FeedPlace? after, FeedFilter? filter = null, string tenant = "default")
    {
        var items = new List<FeedItem>();
        filter ??= All;
        while (true)
        {
            var read = await (await FeedOfNowAsync()).ReadAsync(TenantId.Parse(tenant), filter, after, Cancel);
            Assert.True(read.Items.Count <= filter.Limit);
            Assert.True(read.IsAtEnd || after is null || after != read.Place, "a page that is not the last moves on");
            items.AddRange(read.Items);
            if (read.IsAtEnd)
            {
                return items;
            }

            after = read.Place;
        }
    }

    private static List<string> Told(IEnumerable<FeedItem> items) => [.. items.Select(item => $"{item.Session} {item.Event.Position}")];

    private static IEnumerable<long> PositionsOf(IEnumerable<string> told, SessionScript session) => told
        .Where(t => t.StartsWith($"{session.Address.Session} ", StringComparison.Ordinal))
        .Select(t => long.Parse(t.AsSpan(t.IndexOf(' ', StringComparison.Ordinal)), System.Globalization.CultureInfo.InvariantCulture));
}
