using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task ReadRequest_Remembered_IsExactlyWhatWasGiven()
    {
        var (session, other) = (Session("s"), Session("other"));
        var request = HistoryRows.Request(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), HistoryRows.Start.AddMicroseconds(3)) with
        {
            Outcome = """{ "b": 1, "a": [ "é", "🧭" ],  "b2": null }""",
        };
        await session.CommitAsync(c => c with { Changes = [new Remembered(request)] });
        await other.CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equal(request, await Store.Reads.ReadRequestAsync(session.Address, request.Id, Cancel));
        Assert.Null(await Store.Reads.ReadRequestAsync(session.Address, Guid.NewGuid(), Cancel));
        Assert.Null(await Store.Reads.ReadRequestAsync(other.Address, request.Id, Cancel));
    }

    [Fact]
    public async Task Commit_CreateToRememberUnderAnIdThatIsRemembered_LeavesWhatIsThere()
    {
        var session = Session("s");
        var (one, two) = (HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2));
        var request = HistoryRows.Request(one.Id.Value, HistoryRows.Start);
        await session.CommitAsync(c => c with { Changes = [new Remembered(request)] });

        await session.CommitAsync(c => c with
        {
            Changes = [new Remembered(RemovedCreate.Remember(one)), new Remembered(RemovedCreate.Remember(two))],
        });

        Assert.Equal(request, await RememberedAsync(one));
        Assert.Equal(
            RemovedCreate.Kind,
            (await RememberedAsync(two)).Kind);

        async Task<RememberedRequest> RememberedAsync(StoredCheckpoint row) =>
            Assert.Single((await Store.Reads.ReadAttemptsAsync(session.Address, [row.Id.Value], Cancel)).Value.Remembered);
    }

    [Fact]
    public async Task ReadAttempts_IdsOfRowsAndOfRequests_FindsBothAtOneVersion()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 2);
        var both = HistoryRows.Request(rows[1].Id.Value, HistoryRows.Start);
        var other = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start.AddYears(-9));
        await session.CreateAsync(rows);
        await session.CommitAsync(c => c with { Changes = [new Remembered(both), new Remembered(other)] });

        var read = await Store.Reads.ReadAttemptsAsync(
            session.Address, [rows[0].Id.Value, other.Id, both.Id, Guid.NewGuid(), other.Id], Cancel);

        Assert.Equal(2, read.Version);
        Assert.Equal(rows.Select(row => row.Id), read.Value.Rows.OrderBy(row => row.Sequence).Select(row => row.Id));
        Assert.Equal([other, both], read.Value.Remembered.OrderBy(request => request.At));
        AssertCreates(rows, read.Value.Creates(session.Address));
        Assert.False(read.Value.IsEmpty);
        Assert.True((await Store.Reads.ReadAttemptsAsync(session.Address, [Guid.NewGuid()], Cancel)).Value.IsEmpty);
    }

    [Fact]
    public async Task ReadCreates_RowsHiddenRowsAndRememberedOnes_AreAsTheyWereCreated()
    {
        var (session, other) = (Session("s"), Session("other"));
        var rows = HistoryRows.Checkpoints(1, 6);
        rows[1] = HistoryRows.Checkpoint(2, "b", "a") with { Message = "é", Trigger = CheckpointTrigger.Error };
        rows[2] = HistoryRows.Checkpoint(3, "gone") with { Chain = [.. Enumerable.Range(0, 32).Select(i => (byte)i)] };
        rows[3] = HistoryRows.Checkpoint(4) with { Parent = 2 };
        var foreign = HistoryRows.Checkpoint(1);
        await session.CreateAsync(rows);
        await other.CreateAsync(foreign);
        var notACreate = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start.AddHours(1));
        await session.CommitAsync(c => c with
        {
            Changes = [new Tagged(2, ["later"]), new Tagged(4, ["later"]), new Remembered(notACreate)],
        });
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Removed(3),
                new Removed(5),
                new Remembered(RemovedCreate.Remember(rows[2])),
                new Remembered(RemovedCreate.Remember(rows[4])),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        await FinishAsync(await ClaimAsync(HistoryRows.Start), 10, HistoryRows.Start.AddYears(1));
        await session.CommitAsync(c => c with { Changes = [new Removed(1), new RangeRemoved(new SequenceRange(2, 2))] });
        CheckpointId[] ids = [.. rows.Select(r => r.Id), foreign.Id, new(notACreate.Id), new(Guid.NewGuid())];

        var all = await Store.Reads.ReadCreatesAsync(session.Address, ids, Cancel);

        Assert.Equal(4, all.Version);
        AssertCreates(rows, all.Value);
        Assert.Equal([1, 2, 4, 6], await Store.Reads.ReadStoredAsync(session.Address, ids, Cancel));
    }

    [Fact]
    public async Task ReadCreates_ManyIds_FindsEach()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 1000);
        await session.CreateAsync(rows);

        var found = await Store.Reads.ReadCreatesAsync(session.Address, [.. rows.Select(r => r.Id)], Cancel);

        AssertCreates(rows, found.Value);
    }

    [Fact]
    public async Task ReadCreates_NoIdsOrNoSession_IsEmpty()
    {
        var session = Session("s");
        var row = HistoryRows.Checkpoint(1);
        await session.CreateAsync(row);

        var none = await Store.Reads.ReadCreatesAsync(session.Address, [], Cancel);
        var nowhere = await Store.Reads.ReadCreatesAsync(HistoryRows.Address("none"), [row.Id], Cancel);
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        var deleted = await Store.Reads.ReadCreatesAsync(session.Address, [row.Id], Cancel);

        Assert.Equal((1, 0, 2), (none.Version, nowhere.Version, deleted.Version));
        Assert.Empty(none.Value);
        Assert.Empty(nowhere.Value);
        Assert.Empty(deleted.Value);
    }

    [Fact]
    public async Task ReadCreates_RememberedOneCannotBeDecoded_IsAnErrorThatNamesIt()
    {
        var session = Session("s");
        var row = HistoryRows.Checkpoint(1);
        var damaged = RemovedCreate.Remember(HistoryRows.Checkpoint(2)) with { Outcome = """{"Sequence":2}""" };
        await session.CommitAsync((await session.NextAsync(row)).Having(new Remembered(damaged)));

        var error = await Assert.ThrowsAsync<StateCorruptedException>(
            () => Store.Reads.ReadCreatesAsync(session.Address, [row.Id, new(damaged.Id)], Cancel));

        Assert.Equal((session.Address, new CheckpointId(damaged.Id)), (error.Session, error.Checkpoint));
        AssertCreates([row], (await Store.Reads.ReadCreatesAsync(session.Address, [row.Id], Cancel)).Value);
    }

    [Fact]
    public async Task ForgetRequests_SomeOlder_ForgetsThoseInSteps()
    {
        var (a, b) = (Session("a"), Session("b"));
        var requests = Enumerable.Range(0, 6).Select(i => HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start.AddMicroseconds(i))).ToList();
        await a.CommitAsync(c => c with { Changes = [.. requests[..4].Select(x => new Remembered(x))] });
        await b.CommitAsync(c => c with { Changes = [.. requests[4..].Select(x => new Remembered(x))] });
        var before = HistoryRows.Start.AddMicroseconds(5);

        Assert.Equal(3, await Store.Upkeep.ForgetRequestsAsync(before, 3, Cancel));
        Assert.Equal(2, await Store.Upkeep.ForgetRequestsAsync(before, 3, Cancel));
        Assert.Equal(0, await Store.Upkeep.ForgetRequestsAsync(before, 3, Cancel));

        foreach (var (session, request) in requests.Select((r, i) => (i < 4 ? a : b, r)))
        {
            var read = await Store.Reads.ReadRequestAsync(session.Address, request.Id, Cancel);
            Assert.Equal(request.At >= before, read is not null);
        }
    }

    [Fact]
    public async Task ForgetRequests_IdForgotten_CanBeRememberedAgain()
    {
        var session = Session("s");
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        await session.CommitAsync(c => c with { Changes = [new Remembered(request)] });
        await Store.Upkeep.ForgetRequestsAsync(HistoryRows.Start.AddMicroseconds(1), 10, Cancel);
        var again = request with { At = HistoryRows.Start.AddDays(2), Outcome = "{}" };
        await session.CommitAsync(c => c with { Changes = [new Remembered(again)] });

        Assert.Equal(again, await Store.Reads.ReadRequestAsync(session.Address, request.Id, Cancel));
    }

    /// <param name="rows">The rows as they were created, so that their tags are the first ones.</param>
    /// <param name="found">What was read.</param>
    private static void AssertCreates(IEnumerable<StoredCheckpoint> rows, IReadOnlyList<EarlierCreate> found) =>
        Assert.Equal(rows.Select(EarlierCreate.Of), found.OrderBy(create => create.Sequence));
}
