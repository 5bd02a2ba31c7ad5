using Forge.Checkpoints;
using Forge.Grains.Tests.Integrity;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Verification;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task ClaimVerification_HeldByAnother_IsNotHadBeforeItsLeaseIsUp()
    {
        var now = HistoryRows.Start;
        var claimed = await Store.Verification.ClaimRoundAsync("a", now, TimeSpan.FromMinutes(1), Cancel);
        Assert.NotNull(claimed);
        Assert.Null(await Store.Verification.ClaimRoundAsync("b", now, TimeSpan.FromMinutes(1), Cancel));
        var round = claimed with
        {
            StartedAt = now,
            AfterTenant = "t",
            AfterSession = "s",
            Sessions = 3,
            Damaged = 1,
            Unreadable = 2,
            DoneUnreadable = 4,
            DamagedSessions = ["t/s"],
            NextAt = now,
        };
        Assert.True(await Store.Verification.SaveRoundAsync("a", round, now.AddMinutes(2), Cancel));
        Assert.Null(await Store.Verification.ClaimRoundAsync("b", now.AddMinutes(1), TimeSpan.FromMinutes(1), Cancel));

        var taken = await Store.Verification.ClaimRoundAsync("b", now.AddMinutes(2), TimeSpan.FromMinutes(1), Cancel);

        Assert.Equivalent(round, taken, strict: true);
        Assert.False(await Store.Verification.SaveRoundAsync("a", round, null, Cancel));
        Assert.True(await Store.Verification.SaveRoundAsync("b", round with { NextAt = now.AddDays(1), DoneAt = now }, null, Cancel));
        Assert.Null(await Store.Verification.ClaimRoundAsync("b", now.AddHours(23), TimeSpan.FromMinutes(1), Cancel));
        Assert.Equal(now, (await Store.Verification.ReadRoundAsync(Cancel)).DoneAt);
    }

    [Fact]
    public async Task ClaimVerification_HeldAndDoneByAClockThatWasAhead_IsHad()
    {
        var (now, lease) = (HistoryRows.Start, TimeSpan.FromMinutes(1));
        var round = (await Store.Verification.ClaimRoundAsync("ahead", now.AddDays(2), lease, Cancel))!;
        Assert.NotNull(await Store.Verification.ClaimRoundAsync("a", now, lease, Cancel));
        Assert.Null(await Store.Verification.ClaimRoundAsync("b", now, lease, Cancel));
        round = round with { DoneAt = now.AddDays(2), NextAt = now.AddDays(3) };
        Assert.True(await Store.Verification.SaveRoundAsync("a", round, null, Cancel));

        Assert.NotNull(await Store.Verification.ClaimRoundAsync("b", now, lease, Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30_000)]
    public async Task ClaimVerification_HeldAndDoneByASiloWhoseClockIsAheadALittle_IsNotHad(int milliseconds)
    {
        var (now, lease) = (HistoryRows.Start, TimeSpan.FromMinutes(1));
        var ahead = now.AddMilliseconds(milliseconds);
        var round = (await Store.Verification.ClaimRoundAsync("ahead", ahead, lease, Cancel))!;
        Assert.Null(await Store.Verification.ClaimRoundAsync("behind", now, lease, Cancel));
        round = round with { DoneAt = ahead, NextAt = ahead.AddDays(1) };
        Assert.True(await Store.Verification.SaveRoundAsync("ahead", round, null, Cancel));

        Assert.Null(await Store.Verification.ClaimRoundAsync("behind", now, lease, Cancel));
    }

    [Fact]
    public async Task ListSessions_OfATenantAndOfAll_ComeInOrderWithoutTheDeleted()
    {
        foreach (var (tenant, name) in new[] { ("b", "x"), ("a", "z"), ("a", "B"), ("a", "a"), ("a", "gone") })
        {
            var session = Session(name, tenant);
            await session.CreateAsync(HistoryRows.Checkpoint(1));
            if (name == "gone")
            {
                await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
            }
        }

        Assert.Equal(["a/B", "a/a", "a/z", "b/x"], await NamesAsync(null, null, 10));
        Assert.Equal(["a/B", "a/a"], await NamesAsync("a", null, 2));
        Assert.Equal(["a/z"], await NamesAsync("a", "a", 2));

        async Task<IEnumerable<string>> NamesAsync(string? tenant, string? after, int limit) => (await Store.Catalog.ListSessionsAsync(
            tenant is null ? null : HistoryRows.Address("x", tenant).Tenant,
            after is null ? null : HistoryRows.Address(after, "a"), limit, Cancel)).Select(a => $"{a.Tenant}/{a.Session}");
    }

    [Fact]
    public async Task DoWork_ReclaimInPieces_KeepsCreatesUntilTheLogIsTrimmedToOneRunForNeighbours()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 9));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new RangeRemoved(new SequenceRange(2, 4)),
                new RangeRemoved(new SequenceRange(6, 7)),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start.AddYears(1));
        Assert.Empty(await RunsAsync());
        Assert.Equal([2, 3, 4, 6, 7], await CreatesAsync());
        await TrimAsync(session, newest: 0, second: 99, limit: 2);
        await TrimAsync(session, newest: 0, second: 99, limit: 9);
        Assert.Equal([(2, 4, 3), (6, 7, 2)], await RunsAsync());
        Assert.Empty(await CreatesAsync());

        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new SequenceRange(5, 5)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start.AddYears(1));

        Assert.Equal([5], await CreatesAsync());
        await TrimAsync(session, newest: 0, second: 99, limit: 9);
        Assert.Equal([(2, 7, 6)], await RunsAsync());

        async Task<IEnumerable<long>> CreatesAsync()
        {
            await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);
            return (await stored!.EventsAsync(0, 10, Cancel)).Where(e => RemovedCheckpoint.Read(e) is not null).Select(e => e.Position);
        }

        async Task<IEnumerable<(long, long, long)>> RunsAsync()
        {
            await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);
            var runs = await stored!.RunsAsync(0, 10, Cancel);
            Assert.All(runs, r => Assert.Equal(RowSeal.OfRun(r), r.Seal));
            return runs.Select(r => (r.FirstPosition, r.LastPosition, r.Creates));
        }
    }

    [Fact]
    public async Task Rows_FewOfThemWithManyAnnotations_ArePagesByWhatBothHold()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 12));
        var text = new string('n', 16 * 1024);
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                .. Enumerable.Range(0, 12 * 64).Select(i => new Annotated(
                    new NewAnnotation(1 + (i / 64), 100 + i, HistoryRows.Start, AnnotationSeverity.Info, text))),
            ],
        });
        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);

        var (read, pages) = (new List<long>(), 0);
        while (await stored!.RowsAsync(read.LastOrDefault(), Cancel) is { Count: > 0 } page)
        {
            var notes = await stored.AnnotationsAsync(new SequenceRange(page[0].Sequence, page[^1].Sequence), Cancel);
            Assert.Equal(64 * page.Count, notes.Count);
            Assert.InRange(notes.Sum(n => n.Text.Length), 1, 5 * 1024 * 1024);
            read.AddRange(page.Select(r => r.Sequence));
            pages++;
        }

        Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), read);
        Assert.InRange(pages, 3, 4);
    }

    [Fact]
    public async Task Events_LongDetails_ArePagesByWhatTheyTell()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CommitAsync(c => c with
        {
            Changes = [.. Enumerable.Range(0, 10).Select(i => new Logged(new SessionEvent(
                2 + i, SessionEventKind.Tagged, HistoryRows.Start, 1, 1, $$"""{"x":"{{new string('x', 300 * 1024)}}"}""")))],
        });
        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);

        Assert.Equal([2, 3, 4, 5], (await stored!.EventsAsync(0, 500, Cancel)).Select(e => e.Position));
        Assert.Equal([6, 7, 8], (await stored.EventsOfAsync(1, 5, 1, 3, Cancel)).Select(e => e.Position));
        Assert.Equal([6, 7, 8, 9], (await stored.EventsOfAsync(1, 5, 1, 500, Cancel)).Select(e => e.Position));
        Assert.InRange(await stored.MarksBytesAsync(new SequenceRange(1, 1), Cancel), 3_000_000, 7_000_000);
    }

    [Fact]
    public async Task Events_OfKindsAndOfCheckpoints_AreThoseAlone()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 4));
        (SessionEventKind Kind, long Sequence)[] events =
        [
            (SessionEventKind.Tagged, 3), (SessionEventKind.Compacted, 0), (SessionEventKind.Annotated, 2), (SessionEventKind.Imported, 0),
            (SessionEventKind.Tagged, 2), (SessionEventKind.Created, 2), (SessionEventKind.Restored, 4), (SessionEventKind.Compacted, 0),
            (SessionEventKind.Deleted, 3),
        ];
        await session.CommitAsync(c => c with
        {
            Changes = [.. events.Select((e, i) => new Logged(new SessionEvent(10 + i, e.Kind, HistoryRows.Start, e.Sequence, 4, "{}")))],
        });
        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);

        Assert.Equal([11, 17], Positions(await stored!.CompactionsAsync(0, 9, Cancel)));
        Assert.Equal([17], Positions(await stored.CompactionsAsync(11, 9, Cancel)));
        Assert.Equal([13], Positions(await stored.ImportsAsync(long.MinValue, 9, Cancel)));
        Assert.Equal([12, 14, 10, 18], Positions(await stored.EventsOfAsync(1, long.MinValue, 3, 9, Cancel)));
        Assert.Equal([10, 18, 16], Positions(await stored.EventsOfAsync(2, 14, 9, 9, Cancel)));
        Assert.Equal([14, 10], Positions(await stored.EventsOfAsync(2, 12, 9, 2, Cancel)));

        static IEnumerable<long> Positions(IEnumerable<SessionEvent> found) => found.Select(e => e.Position);
    }

    [Fact]
    public async Task Verify_EventsThatTellMuch_AreReadForFewCheckpointsAtATime()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 200));
        var detail = $$"""{"text":"{{new string('x', 8 * 1024)}}"}""";
        await session.CommitAsync(c => c with
        {
            Changes = [.. Enumerable.Range(0, 1000).Select(i => new Logged(new SessionEvent(
                201 + i, SessionEventKind.Annotated, HistoryRows.Start, 1 + (i / 5), 200, detail)))],
        });
        var windows = new List<WatchedSession.Window>();
        var watched = new ScriptedVerification(Store.Verification) { OnOpened = opened => new WatchedSession(opened, windows) };

        await new HistoryVerifier(watched).VerifyAsync(session.Address, [], null, Cancel);

        Assert.Equal(1000, windows.Sum(w => w.Events));
        Assert.All(windows, w => Assert.InRange(w.Bytes, 0, 8 * 1024 * 1024));
    }

    [Fact]
    public async Task Orphans_RowsOfWhatIsNotThere_AreTheirSequencesRising()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1, "t"));
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                .. new long[] { 1, 7, 7, 3 }.Select((sequence, i) => new Annotated(
                    new NewAnnotation(sequence, 10 + i, HistoryRows.Start, AnnotationSeverity.Info, "x"))),
            ],
        });
        await using var stored = await Store.Verification.OpenStoredAsync(session.Address, Cancel);

        Assert.Equal([3, 7], await stored!.OrphansAsync(Orphans.Annotations, long.MinValue, 10, Cancel));
        Assert.Equal([7], await stored.OrphansAsync(Orphans.Annotations, 3, 10, Cancel));
        Assert.Equal([3], await stored.OrphansAsync(Orphans.Annotations, 0, 1, Cancel));
        Assert.Empty(await stored.OrphansAsync(Orphans.Tags, long.MinValue, 10, Cancel));
        Assert.Equal([1], (await stored.AnnotationsAsync(new SequenceRange(0, 99), Cancel)).Select(a => a.Sequence));
    }
}
