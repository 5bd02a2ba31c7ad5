using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task ClaimDueWork_NotYetDue_IsNotGiven()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });

        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start.AddMicroseconds(-1), Lease, Cancel));
        Assert.Equal((DueWorkKind.Reclaim, session.Key), await KindAndKeyAsync(HistoryRows.Start));
    }

    [Fact]
    public async Task ClaimDueWork_Held_IsGivenToNobodyUntilTheLeaseIsOver()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
        var first = await Store.Upkeep.ClaimDueWorkAsync("one", HistoryRows.Start, Lease, Cancel);

        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("two", HistoryRows.Start, Lease, Cancel));
        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("one", HistoryRows.Start + Lease / 2, Lease, Cancel));
        var second = await Store.Upkeep.ClaimDueWorkAsync("two", HistoryRows.Start + Lease + TimeSpan.FromMicroseconds(1), Lease, Cancel);

        Assert.NotNull(first);
        Assert.Equal(first, second);
        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("one", HistoryRows.Start + Lease * 1.5, Lease, Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(30_000)]
    public async Task ClaimDueWork_HeldByASiloWhoseClockIsAheadALittle_IsGivenToNobody(int milliseconds)
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
        Assert.NotNull(await Store.Upkeep.ClaimDueWorkAsync("ahead", HistoryRows.Start.AddMilliseconds(milliseconds), Lease, Cancel));

        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("behind", HistoryRows.Start, Lease, Cancel));
    }

    [Fact]
    public async Task ClaimDueWork_NotedAndClaimedByAClockThatWasAhead_IsGiven()
    {
        var (one, two) = (Session("one"), Session("two"));
        await one.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start.AddDays(9))] });
        await two.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
        Assert.NotNull(await ClaimAtAsync(DueWorkKind.Reclaim, HistoryRows.Start.AddDays(9)));

        Assert.Null(await ClaimAtAsync(DueWorkKind.Erase, HistoryRows.Start, latestDays: 10));
        Assert.Equal(one.Key, (await ClaimAtAsync(DueWorkKind.Erase, HistoryRows.Start, latestDays: 8))!.SessionKey);
        Assert.Null(await ClaimAtAsync(DueWorkKind.Erase, HistoryRows.Start, latestDays: 8));
        Assert.Equal(two.Key, (await ClaimAtAsync(DueWorkKind.Reclaim, HistoryRows.Start))!.SessionKey);
        Assert.Null(await ClaimAtAsync(DueWorkKind.Reclaim, HistoryRows.Start));

        Task<DueWork?> ClaimAtAsync(DueWorkKind kind, DateTimeOffset now, int latestDays = 2) => Store.Upkeep.ClaimDueWorkAsync(
            kind, "o", now, HistoryRows.Start.AddDays(latestDays), Lease, Cancel);
    }

    [Fact]
    public async Task PutOffWork_Claimed_ComesDueLaterAndCountsAFailure()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
        var work = await ClaimAsync(HistoryRows.Start);

        await Store.Upkeep.PutOffWorkAsync(work, HistoryRows.Start + 3 * Lease, Cancel);

        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start + 2 * Lease, Lease, Cancel));
        Assert.Equal(work with { Failures = 1 }, await ClaimAsync(HistoryRows.Start + 3 * Lease));
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
        Assert.Equal(work with { Failures = 1, Noted = 1 }, await ClaimAsync(HistoryRows.Start + 4 * Lease));
    }

    [Fact]
    public async Task PutOffWork_NotedAgain_StaysPutOff()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Retain, HistoryRows.Start)] });
        await Store.Upkeep.PutOffWorkAsync(await ClaimAsync(HistoryRows.Start), HistoryRows.Start + 3 * Lease, Cancel);

        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Retain, HistoryRows.Start)] });

        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start + 2 * Lease, Lease, Cancel));
        Assert.Equal(1, (await ClaimAsync(HistoryRows.Start + 3 * Lease)).Noted);
    }

    [Fact]
    public async Task PutOffWork_RemovalOfStagedRows_IsStillInTheWayOfATakeOver()
    {
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, HistoryRows.Start, Cancel);
        await Store.Staging.StageAsync(key, HistoryRows.Checkpoints(1, 3), Cancel);
        await Store.Upkeep.PutOffWorkAsync(await ClaimAsync(HistoryRows.Start), HistoryRows.Start.AddDays(1), Cancel);

        await Assert.ThrowsAsync<BatchRejectedException>(() => Store.Staging.StageAsync(key, HistoryRows.Checkpoints(4, 4), Cancel));
        var commit = await Session("s").NextAsync();
        var rejected = await RejectedAsync(commit with { Head = commit.Head with { Key = key }, Changes = [new TookOver(key, 0)] });
        Assert.Equal(CommitStatus.Refused, rejected.Status);
    }

    [Fact]
    public async Task ClaimDueWork_ManyClaimers_GetEachPieceOnce()
    {
        var keys = new List<long>();
        for (var i = 0; i < 20; i++)
        {
            var session = Session($"s{i}");
            await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
            keys.Add(session.Key);
        }

        var claimed = await Task.WhenAll(Enumerable.Range(0, 6).Select(owner => Task.Run(async () =>
        {
            var mine = new List<DueWork>();
            var now = HistoryRows.Start.AddMilliseconds(owner * 10);
            while (await Store.Upkeep.ClaimDueWorkAsync($"o{owner}", now, Lease, Cancel) is { } work)
            {
                mine.Add(work);
            }

            return mine;
        }, Cancel)));

        Assert.Equal(keys.Order(), claimed.SelectMany(c => c).Select(w => w.SessionKey).Order());
    }

    [Fact]
    public async Task Commit_WorkThatIsDueAlready_IsLeftAsItIs()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start.AddDays(1))] });

        var work = await ClaimAsync(HistoryRows.Start);
        await session.CommitAsync(c => c with { Changes = [new Due(DueWorkKind.Reclaim, HistoryRows.Start)] });

        Assert.Equal(session.Key, work.SessionKey);
        Assert.Null(await Store.Upkeep.ClaimDueWorkAsync("o", HistoryRows.Start.AddSeconds(1), Lease, Cancel));
    }

    [Fact]
    public async Task DoWork_Reclaim_RemovesInStepsWhatIsCoveredAndNothingElse()
    {
        var (session, other) = (Session("s"), Session("other"));
        var rows = HistoryRows.Checkpoints(1, 12).Select(r => r with { Tags = ["t"] }).ToArray();
        await session.CreateAsync(rows);
        await other.CreateAsync(rows);
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new RangeRemoved(new SequenceRange(1, 5)),
                new RangeRemoved(new SequenceRange(4, 6)),
                new RangeRemoved(new SequenceRange(9, 9)),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        await other.CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(2, 2))] });

        var steps = await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start.AddYears(1));

        Assert.InRange(steps, 4, 8);
        // Once the ranges are gone, a row that had stayed would be seen again.
        Assert.Equal([7, 8, 10, 11, 12], await SequencesAsync(session.Address));
        Assert.Equal([12, 11, 10, 8, 7], await SequencesAsync(session.Address, new ListFilter { Tag = "t", Limit = 99 }));
        Assert.Equal(11, (await ListAsync(other.Address)).Count);
        Assert.Equal(session.Head!.Version, (await HeadAsync(session.Address))!.Version);
        await AssertNothingDueAsync();
        await session.CreateAsync(rows[0] with { Sequence = 13 });
    }

    [Fact]
    public async Task DoWork_ReclaimOfRecentCreates_RemembersThemAsTheyWere()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 6);
        rows[3] = HistoryRows.Checkpoint(4, "first") with { Message = "é", Parent = 2, Chain = new byte[32] };
        await session.CreateAsync(rows);
        var already = HistoryRows.Request(rows[4].Id.Value, HistoryRows.Start.AddDays(1));
        await session.CommitAsync(c => c with { Changes = [new Tagged(4, ["second"]), new Remembered(already)] });
        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new SequenceRange(1, 5)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        var since = rows[1].CreatedAt.AddMicroseconds(1);
        Assert.Null(await Store.Reads.ReadRequestAsync(session.Address, rows[3].Id.Value, Cancel));

        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, since);

        Assert.Equal([6], await SequencesAsync(session.Address));
        foreach (var row in rows[..2].Append(rows[5]))
        {
            Assert.Null(await Store.Reads.ReadRequestAsync(session.Address, row.Id.Value, Cancel));
        }

        foreach (var row in rows[2..4])
        {
            Assert.Equal(
                RemovedCreate.Remember(row),
                await Store.Reads.ReadRequestAsync(session.Address, row.Id.Value, Cancel));
        }

        Assert.Equal(already, await Store.Reads.ReadRequestAsync(session.Address, already.Id, Cancel));
    }

    [Fact]
    public async Task DoWork_RangesAddedMeanwhile_AreReclaimedToo()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 12));
        var due = new Due(DueWorkKind.Reclaim, HistoryRows.Start);
        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(1, 4)), due] });
        var work = await ClaimAsync(HistoryRows.Start);
        Assert.False(await Store.Upkeep.DoWorkAsync(work, 2, HistoryRows.Start.AddYears(1), Cancel));
        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(6, 9)), due] });

        await FinishAsync(work, 2, HistoryRows.Start.AddYears(1));

        Assert.Equal([5, 10, 11, 12], await SequencesAsync(session.Address));
        await AssertNothingDueAsync();
        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new SequenceRange(10, 11)), due] });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start.AddYears(1));
        Assert.Equal([5, 12], await SequencesAsync(session.Address));
    }

    [Fact]
    public async Task DoWork_ReclaimBesideCommits_LosesNoRangeAndNoCreate()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 2));
        var due = new Due(DueWorkKind.Reclaim, HistoryRows.Start);
        var writer = Task.Run(async () =>
        {
            for (var i = 3L; i <= 60; i++)
            {
                var commit = await session.NextAsync(HistoryRows.Checkpoint(i));
                await session.CommitAsync(commit.Having(new RangeRemoved(new SequenceRange(i - 2, i - 2)), due));
            }
        }, Cancel);
        var now = HistoryRows.Start;
        while (!writer.IsCompleted)
        {
            now += Lease * 2;
            if (await Store.Upkeep.ClaimDueWorkAsync("o", now, Lease, Cancel) is { } work)
            {
                await Store.Upkeep.DoWorkAsync(work, 3, HistoryRows.Start.AddYears(1), Cancel);
            }
            else
            {
                await Task.Yield();
            }

            var seen = await Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 99 }, Cancel);
            Assert.Equal([seen.Version + 1, seen.Version], seen.Value.Select(r => r.Sequence));
        }

        await writer;
        if (await Store.Upkeep.ClaimDueWorkAsync("o", now + Lease * 2, Lease, Cancel) is { } last)
        {
            await FinishAsync(last, 3, HistoryRows.Start.AddYears(1));
        }

        Assert.Equal([59, 60], await SequencesAsync(session.Address));
        await AssertNothingDueAsync();
    }

    [Fact]
    public async Task DoWork_DoneAlready_ChangesNothing()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 4));
        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new SequenceRange(1, 2)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        var work = await ClaimAsync(HistoryRows.Start);
        await FinishAsync(work, 10, HistoryRows.Start);

        Assert.True(await Store.Upkeep.DoWorkAsync(work, 10, HistoryRows.Start, Cancel));
        Assert.Equal([3, 4], await SequencesAsync(session.Address));
    }

    [Fact]
    public async Task DoWork_StagingTakenOverMeanwhile_LeavesTheSession()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 3);
        var commit = await session.NextAsync(rows);
        await Store.Staging.BeginAsync(commit.Head.Key, Abandoned, Cancel);
        await Store.Staging.StageAsync(commit.Head.Key, rows, Cancel);
        await session.CommitAsync(commit with { Changes = [new TookOver(commit.Head.Key, 0)] });

        Assert.True(await Store.Upkeep.DoWorkAsync(new DueWork(1, DueWorkKind.Staging, session.Key), 10, HistoryRows.Start, Cancel));

        Assert.Equal([1, 2, 3], await SequencesAsync(session.Address));
    }

    [Fact]
    public async Task DoWork_Erase_RemovesAllButTheTombstone()
    {
        var (session, other) = (Session("s"), Session("other"));
        var rows = HistoryRows.Checkpoints(1, 5);
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        foreach (var each in new[] { session, other })
        {
            await each.CommitAsync((await each.NextAsync(rows)).Having(new Remembered(request)));
        }

        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new RangeRemoved(new SequenceRange(1, 1)),
                new Logged(new SessionEvent(9, SessionEventKind.Compacted, HistoryRows.Start, 0, 5, null)),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start.AddDays(1)),
            ],
        });
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start },
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });

        var work = await ClaimAsync(HistoryRows.Start);
        Assert.Equal(DueWorkKind.Erase, work.Kind);
        Assert.InRange(await FinishAsync(work, 2, HistoryRows.Start), 3, 12);

        HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
        Assert.Equal(5, (await ListAsync(other.Address)).Count);
        Assert.NotNull(await Store.Reads.ReadRequestAsync(other.Address, request.Id, Cancel));
        await AssertForgottenAsync(session, rows, request.Id);
    }

    [Fact]
    public async Task DoWork_ReclaimOfDeletedSession_RemembersNothing()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 3);
        await session.CreateAsync(rows);
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start },
            Changes = [new RangeRemoved(new SequenceRange(1, 3)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });

        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, DateTimeOffset.UnixEpoch);

        await AssertForgottenAsync(session, rows, rows[0].Id.Value);
    }

    /// <summary>Brings a deleted session back to see that neither rows nor requests of it are left.</summary>
    private async Task AssertForgottenAsync(SessionScript session, StoredCheckpoint[] rows, Guid request)
    {
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = null } });
        Assert.Empty(await ListAsync(session.Address));
        foreach (var id in rows.Select(r => r.Id.Value).Append(request))
        {
            Assert.Null(await Store.Reads.ReadRequestAsync(session.Address, id, Cancel));
        }
    }
}
