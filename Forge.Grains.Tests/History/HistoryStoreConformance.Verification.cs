using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;

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
}
