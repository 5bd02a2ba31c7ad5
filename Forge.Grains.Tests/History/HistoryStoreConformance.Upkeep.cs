using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task ClaimDueWork_OfAKind_GivesThatKindAlone()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with
        {
            Changes = [new Due(DueWorkKind.Retain, HistoryRows.Start), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });

        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync(DueWorkKind.Erase, "o", HistoryRows.Start, Lease, Cancel));
        Assert.Equal(DueWorkKind.Reclaim, (await ClaimAsync(DueWorkKind.Reclaim, HistoryRows.Start))!.Kind);
        Assert.Equal(DueWorkKind.Retain, (await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start))!.Kind);
        Assert.Null(await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start));
    }

    [Fact]
    public async Task Commit_WorkThatIsDueLater_IsPulledIn()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [Retain(HistoryRows.Start.AddDays(30))] });
        await session.CommitAsync(c => c with { Changes = [Retain(HistoryRows.Start)] });

        Assert.Equal(session.Key, (await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start))!.SessionKey);
    }

    [Fact]
    public async Task FinishWork_NotNotedSince_GoesForGood()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [Retain(HistoryRows.Start)] });
        var work = await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start);

        await Store.Upkeep.FinishWorkAsync(work!, null, HistoryRows.Start, Cancel);

        Assert.Null(await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Retain, session.Key, Cancel));
    }

    [Fact]
    public async Task FinishWork_NotedSinceItWasClaimed_ComesAgain()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [Retain(HistoryRows.Start)] });
        var work = await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start);
        await session.CommitAsync(c => c with { Changes = [Retain(HistoryRows.Start.AddHours(1))] });

        await Store.Upkeep.FinishWorkAsync(work!, null, HistoryRows.Start.AddMinutes(1), Cancel);

        Assert.Null(await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start.AddSeconds(59)));
        var again = await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start.AddMinutes(1));
        await Store.Upkeep.FinishWorkAsync(again!, HistoryRows.Start.AddDays(1), HistoryRows.Start.AddMinutes(2), Cancel);
        Assert.Null(await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start.AddHours(23)));
        Assert.NotNull(await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start.AddDays(1)));
    }

    [Fact]
    public async Task FinishWork_NotedSinceAndDueLater_ComesAtTheEarlier()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [Retain(HistoryRows.Start)] });
        var work = await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start);
        await session.CommitAsync(c => c with { Changes = [Retain(HistoryRows.Start)] });

        await Store.Upkeep.FinishWorkAsync(work!, HistoryRows.Start.AddDays(1), HistoryRows.Start.AddMinutes(1), Cancel);

        Assert.NotNull(await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start.AddMinutes(1)));
    }

    [Fact]
    public async Task Walk_Pages_GivesLivingSessionsByKey()
    {
        var sessions = new List<SessionScript>();
        for (var i = 0; i < 5; i++)
        {
            sessions.Add(Session($"s{i}", $"t{i % 2}"));
            await sessions[i].CreateAsync(HistoryRows.Checkpoints(1, i + 1));
        }

        await sessions[1].CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        await sessions[2].CommitAsync(c => c with { Head = c.Head with { Settings = "{}" } });
        foreach (var (position, day) in new[] { (50, 3), (60, 7), (70, 5) })
        {
            await sessions[2].CommitAsync(c => c with
            {
                Changes = [new Logged(new SessionEvent(position, SessionEventKind.Imported, HistoryRows.Start.AddDays(day), 0, 1, null))],
            });
        }

        var seen = new List<WalkedSession>();
        while (await Store.Upkeep.WalkAsync(seen is [.., var last] ? last.Key : 0, 2, Cancel) is { Count: > 0 } page)
        {
            seen.AddRange(page);
        }

        var expected = sessions.Where(s => s != sessions[1]).OrderBy(s => s.Key).Select(s => new WalkedSession(
            s.Key, s.Address, s.Head!.Settings, s.Head.CreatedAt, s.Head.LastCreatedAt, s.Head.Count, s.Head.LastPosition,
            s == sessions[2] ? HistoryRows.Start.AddDays(5) : null));
        Assert.Equal(HistoryRows.Start.AddDays(5), await Store.Upkeep.ReadImportedAtAsync(sessions[2].Key, Cancel));
        Assert.Null(await Store.Upkeep.ReadImportedAtAsync(sessions[0].Key, Cancel));
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task AdvanceWalk_KeepsItsPlaceAndWorkThatIsThere()
    {
        var (one, two) = (Session("one"), Session("two"));
        await one.CommitAsync(c => c with { Changes = [Retain(HistoryRows.Start.AddDays(9))] });
        await two.CreateAsync(HistoryRows.Checkpoint(1));
        await Store.Upkeep.BeginWalkAsync(HistoryRows.Start, Cancel);
        await Store.Upkeep.BeginWalkAsync(HistoryRows.Start, Cancel);
        var walk = await ClaimAsync(DueWorkKind.Walk, HistoryRows.Start);
        var found = new[] { one, two }.Select(s => new FoundWork(s.Key, DueWorkKind.Retain, HistoryRows.Start)).ToArray();

        await Store.Upkeep.AdvanceWalkAsync(walk!, new WalkStep(two.Key, HistoryRows.Start.AddSeconds(1), found), Cancel);
        await Store.Upkeep.AdvanceWalkAsync(walk!, new WalkStep(7777, HistoryRows.Start, []), Cancel);

        Assert.Null(await ClaimAsync(DueWorkKind.Walk, HistoryRows.Start));
        var next = await ClaimAsync(DueWorkKind.Walk, HistoryRows.Start.AddSeconds(1));
        Assert.Equal((walk!.Id, two.Key), (next!.Id, next.Cursor));
        Assert.Equal(two.Key, (await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start))!.SessionKey);
        Assert.Null(await ClaimAsync(DueWorkKind.Retain, HistoryRows.Start));
    }

    [Fact]
    public async Task ReadAddress_OfAKey_IsTheName()
    {
        var session = Session("s", "tenant");
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });

        Assert.Equal(session.Address, await Store.Upkeep.ReadAddressAsync(session.Key, Cancel));
        Assert.Null(await Store.Upkeep.ReadAddressAsync(session.Key + 1, Cancel));
    }

    [Fact]
    public async Task TrimEvents_OldAndMany_GoOldestFirstInSteps()
    {
        var session = await WithEventsAsync(Enumerable.Range(1, 10));

        // Of positions 1 to 10 the newest three stay; of the rest those from the 6th second on are young.
        Assert.Equal(2, await TrimAsync(session, newest: 3, second: 6, limit: 2));
        Assert.Equal(4, await TrimAsync(session, newest: 3, second: 6, limit: 2, after: 2));
        Assert.Null(await TrimAsync(session, newest: 3, second: 6, limit: 2, after: 4));
        Assert.Equal([6, 7, 8, 9, 10], await EventsAsync(session, 10));
    }

    [Fact]
    public async Task TrimEvents_Old_TheNewestStay()
    {
        var session = await WithEventsAsync(Enumerable.Range(1, 10));

        Assert.Null(await TrimAsync(session, newest: 3, second: 99, limit: 50));
        Assert.Equal([8, 9, 10], await EventsAsync(session, 10));
    }

    [Fact]
    public async Task TrimEvents_OneInTheMiddleIsYoung_NoneAfterItGoes()
    {
        var session = await WithEventsAsync([1, 2, 50, 3, 4, 5]);

        Assert.Null(await TrimAsync(session, newest: 0, second: 40, limit: 50));
        Assert.Equal([3, 4, 5, 6], await EventsAsync(session, 6));
    }

    [Fact]
    public async Task TrimEvents_SomeOfAClockThatWasAhead_StayAndHoldUpNoOthers()
    {
        var session = await WithEventsAsync([1, 900, 901, 2, 3, 50, 4]);

        Assert.Equal(3, await TrimAsync(session, newest: 0, second: 40, limit: 3, now: 60));
        Assert.Null(await TrimAsync(session, newest: 0, second: 40, limit: 3, now: 60, after: 3));
        Assert.Equal([2, 3, 6, 7], await EventsAsync(session, 7));
    }

    [Fact]
    public async Task DoWork_EraseDone_NotesAPurge()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start },
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });
        var erase = await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, session.Key, Cancel);
        Assert.Null(await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Purge, 0, Cancel));

        await FinishAsync(erase!, 9, HistoryRows.Start);

        Assert.Null(await Store.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, session.Key, Cancel));
        Assert.NotNull(await ClaimAsync(DueWorkKind.Purge, HistoryRows.Start));
        Assert.True(await Store.Upkeep.PurgeAsync(Cancel));
    }

    private static Due Retain(DateTimeOffset dueAt) => new(DueWorkKind.Retain, dueAt);

    private Task<DueWork?> ClaimAsync(DueWorkKind kind, DateTimeOffset now) =>
        Store.Upkeep.ClaimDueWorkAsync(kind, "o", now, Lease, Cancel);

    /// <summary>A session with one event a position, each at a second.</summary>
    private async Task<SessionScript> WithEventsAsync(IEnumerable<int> seconds)
    {
        var session = Session("s");
        var events = seconds.Select((second, i) => new SessionEvent(
            i + 1, SessionEventKind.Tagged, HistoryRows.Start.AddSeconds(second), 1, 1, null)).ToArray();
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { LastPosition = events.Length },
            Changes = [.. events.Select(x => new Logged(x))],
        });
        return session;
    }

    private Task<long?> TrimAsync(SessionScript session, long newest, int second, int limit, long after = 0, int now = 1_000_000) =>
        Store.Upkeep.TrimEventsAsync(
            session.Key, after, newest, HistoryRows.Start.AddSeconds(second), HistoryRows.Start.AddSeconds(now), limit, Cancel);

    /// <summary>The positions that are there: those that a commit cannot add again. Adds the others, so it comes last.</summary>
    private static async Task<IEnumerable<int>> EventsAsync(SessionScript session, int last)
    {
        var there = new List<int>();
        for (var position = 1; position <= last; position++)
        {
            var commit = await session.NextAsync();
            try
            {
                await session.CommitAsync(commit with
                {
                    Changes =
                    [
                        new Logged(new SessionEvent(position, SessionEventKind.Tagged, HistoryRows.Start, 1, 1, null)),
                    ],
                });
            }
            catch (BatchRejectedException)
            {
                there.Add(position);
            }
        }

        return there;
    }
}
