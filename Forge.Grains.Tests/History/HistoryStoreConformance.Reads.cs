using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Theory]
    [InlineData((int)CheckpointParts.Summary)]
    [InlineData((int)CheckpointParts.State)]
    [InlineData((int)CheckpointParts.Annotations)]
    [InlineData((int)CheckpointParts.All)]
    public async Task ReadCheckpoint_FullAndPlainRow_ReturnsTheWantedPartsExactly(int wanted)
    {
        var parts = (CheckpointParts)wanted;
        var session = Session("s");
        var (full, plain) = (HistoryRows.FullCheckpoint(4), HistoryRows.Checkpoint(5));
        await session.CreateAsync(full, plain);
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Annotated(new NewAnnotation(4, 21, HistoryRows.Start.AddMicroseconds(5), AnnotationSeverity.Critical, "é 🧭")),
                new Annotated(new NewAnnotation(4, 22, HistoryRows.Start.AddMicroseconds(4), AnnotationSeverity.Info, "x")),
            ],
        });
        Annotation[] notes =
        [
            new(21, HistoryRows.Start.AddMicroseconds(5), AnnotationSeverity.Critical, "é 🧭"),
            new(22, HistoryRows.Start.AddMicroseconds(4), AnnotationSeverity.Info, "x"),
        ];

        HistoryRows.AssertSame(full, await ReadAsync(session.Address, 4, parts), parts, notes);
        HistoryRows.AssertSame(full, await ReadAsync(session.Address, full.Id, parts), parts, notes);
        HistoryRows.AssertSame(plain, await ReadAsync(session.Address, 5, parts), parts);
        HistoryRows.AssertSame(plain, await ReadAsync(session.Address, CheckpointReference.Latest, parts), parts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(16 * 1024 * 1024)]
    public async Task ReadCheckpoint_StateOfAnySize_IsTheSavedBytes(int size)
    {
        var session = Session("s");
        var state = new byte[size];
        new Random(size).NextBytes(state);
        var row = HistoryRows.Checkpoint(1).WithState(state);
        await session.CreateAsync(row);

        HistoryRows.AssertSame(row, await ReadAsync(session.Address, 1), CheckpointParts.All);
        Assert.Equal(size, (await ReadAsync(session.Address, 1, CheckpointParts.Summary))!.Row.StoredSize);
    }

    [Fact]
    public async Task ReadCheckpoint_TimesAtTheEdges_AreKeptToTheMicrosecond()
    {
        var session = Session("s");
        DateTimeOffset[] times =
        [
            new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2024, 2, 29, 23, 59, 59, TimeSpan.Zero).AddMicroseconds(999_999),
            new DateTimeOffset(2999, 12, 31, 23, 59, 59, TimeSpan.Zero).AddMicroseconds(1),
        ];
        await session.CreateAsync([.. times.Select((t, i) => HistoryRows.Checkpoint(i + 1) with { CreatedAt = t })]);

        Assert.Equal(times, (await ListAsync(session.Address)).Select(r => r.CreatedAt));
    }

    [Fact]
    public async Task ReadCheckpoint_WhatIsNotThere_IsNullWithTheVersion()
    {
        var (session, other) = (Session("s"), Session("other"));
        var row = HistoryRows.Checkpoint(1);
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await session.CreateAsync(HistoryRows.Checkpoint(2));
        await other.CreateAsync(row);

        foreach (var reference in new CheckpointReference[] { 3, row.Id, long.MaxValue })
        {
            Assert.Equal(
                new Versioned<CheckpointRead?>(2, null),
                await Store.Reads.ReadCheckpointAsync(session.Address, reference, CheckpointParts.All, Cancel));
        }

        Assert.Equal(
            new Versioned<CheckpointRead?>(0, null),
            await Store.Reads.ReadCheckpointAsync(HistoryRows.Address("none"), default, CheckpointParts.All, Cancel));
    }

    [Fact]
    public async Task ReadCheckpoint_Latest_IsWhatTheHeadNames()
    {
        var session = Session("s");
        var rows = HistoryRows.Checkpoints(1, 3);
        await session.CreateAsync(rows);
        await session.CommitAsync(c => c with { Head = c.Head with { Head = 2, Current = 1 } });

        Assert.Equal(2, (await ReadAsync(session.Address, default))!.Row.Sequence);
        var head = await Store.Reads.ReadHeadAsync(session.Address, Cancel);
        Assert.Equal(rows[1].Id, head!.HeadId);
        Assert.Equal(rows[0].Id, head.CurrentId);

        await session.CommitAsync(c => c with
        {
            Head = c.Head with { Head = 0, Current = 0 },
            Changes = [new Removed(1), new Removed(2), new Removed(3)],
        });
        Assert.Null(await ReadAsync(session.Address, default));
        head = await Store.Reads.ReadHeadAsync(session.Address, Cancel);
        Assert.True(head!.HeadId.IsEmpty);
        Assert.True(head.CurrentId.IsEmpty);
        Assert.Equal(3, head.Head.LastSequence);
    }

    [Fact]
    public async Task Reads_OfEverySort_NameTheVersionTheySaw()
    {
        var session = Session("s");
        for (var version = 1L; version <= 3; version++)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(version));

            Assert.Equal(version, await VersionsAsync(session.Address));
        }

        Assert.Equal(0, await VersionsAsync(HistoryRows.Address("none")));
        Assert.Null(await Store.Reads.ReadHeadAsync(HistoryRows.Address("none"), Cancel));
    }

    [Fact]
    public async Task ReadVersions_OfSeveral_AreThoseOfTheRowsThatAreThere()
    {
        var (one, other, deleted) = (Session("s"), Session("s", "other"), Session("deleted"));
        foreach (var session in new[] { one, other, deleted })
        {
            await session.CreateAsync(HistoryRows.Checkpoint(1));
        }

        await one.CreateAsync(HistoryRows.Checkpoint(2));
        await deleted.CommitAsync(c => c with { Head = c.Head.Ended(HistoryRows.Start) });

        var versions = await Store.Reads.ReadVersionsAsync([one.Key, long.MaxValue, other.Key, deleted.Key], Cancel);

        Assert.Equal(
            new[] { (one.Key, 2L), (other.Key, 1L), (deleted.Key, 2L) }.Order(),
            versions.Select(v => (v.Key, v.Value)).Order());
        Assert.Empty(await Store.Reads.ReadVersionsAsync([], Cancel));
        Assert.Equal(2, (await Store.Reads.ReadVersionsAsync([.. Enumerable.Range(1, 999).Select(i => (long)i + one.Key)], Cancel)).Count);
    }

    [Fact]
    public async Task ReadVersions_AfterEachCommit_AreThatOfIt()
    {
        var session = Session("s");
        for (var version = 1L; version <= 20; version++)
        {
            await session.CreateAsync(HistoryRows.Checkpoint(version));

            Assert.Equal(version, (await Store.Reads.ReadVersionsAsync([session.Key], Cancel))[session.Key]);
        }
    }

    [Fact]
    public async Task Reads_OfDeletedSession_AreEmptyWithItsVersion()
    {
        var session = Session("s");
        var row = HistoryRows.Checkpoint(1, "t");
        var request = HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start);
        await session.CommitAsync((await session.NextAsync(row)).Having(new Remembered(request)));
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start.AddMicroseconds(9) } });

        HistoryRows.AssertSame(session.Head!, await HeadAsync(session.Address));
        Assert.Equal(2, await VersionsAsync(session.Address));
        Assert.Null(await ReadAsync(session.Address, default));
        Assert.Null(await ReadAsync(session.Address, 1));
        Assert.Null(await ReadAsync(session.Address, row.Id));
        Assert.Empty(await ListAsync(session.Address));
        Assert.Empty(await ListAsync(session.Address, new ListFilter { Tag = "t", Limit = 5 }));
        Assert.Null(await Store.Reads.ReadRequestAsync(session.Address, request.Id, Cancel));
        Assert.Null(await Store.Reads.OpenSnapshotAsync(session.Address, Cancel));
        var survey = (await Store.Reads.SurveyAsync(session.Address, new() { KeepRecent = 5 }, HistoryRows.Start, Cancel)).Value;
        Assert.Equal(default, survey.Visible);
    }

    [Fact]
    public async Task Reads_Cancelled_RaiseCancellation()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.Reads.ReadHeadAsync(session.Address, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.Reads.ReadCheckpointAsync(session.Address, 1, CheckpointParts.All, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 1 }, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.Reads.OpenSnapshotAsync(session.Address, cancelled));
        Assert.Equal([1], await SequencesAsync(session.Address));
    }

    [Fact]
    public async Task Reads_BesideCommits_SeeOneInstant()
    {
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var writer = Task.Run(async () =>
        {
            for (var i = 2; i <= 60; i++)
            {
                await session.CreateAsync(HistoryRows.Checkpoint(i));
            }
        }, Cancel);
        var reads = 0;
        while (!writer.IsCompleted || reads == 0)
        {
            var list = await Store.Reads.ListAsync(session.Address, new ListFilter { Limit = 1000, Order = ListOrder.OldestFirst }, Cancel);
            Assert.Equal(Enumerable.Range(1, (int)list.Version).Select(i => (long)i), list.Value.Select(r => r.Sequence));
            var latest = await Store.Reads.ReadCheckpointAsync(session.Address, default, CheckpointParts.All, Cancel);
            Assert.Equal(latest.Version, latest.Value!.Row.Sequence);
            var survey = await Store.Reads.SurveyAsync(session.Address, new() { KeepRecent = 1 }, HistoryRows.Start, Cancel);
            Assert.Equal((survey.Version, survey.Version), (survey.Value.Visible.Count, survey.Value.LastSequence));
            reads++;
        }

        await writer;
    }

    [Fact]
    public async Task ReadCheckpoints_SequencesAndIds_FindsThoseThatAreThere()
    {
        var (session, other) = (Session("s"), Session("other"));
        var rows = HistoryRows.Checkpoints(1, 8);
        await session.CreateAsync(rows);
        await other.CreateAsync(HistoryRows.Checkpoint(7));
        await session.CommitAsync(c => c with { Changes = [new Removed(2), new RangeRemoved(new SequenceRange(4, 5)), new Tagged(6, ["t"])] });
        CheckpointReference[] wanted = [1, 2, 3, 99, .. rows[3..].Select(r => CheckpointReference.ById(r.Id)), CheckpointReference.ById(new(Guid.NewGuid()))];

        var read = await Store.Reads.ReadCheckpointsAsync(session.Address, wanted, Cancel);

        Assert.Equal(2, read.Version);
        Assert.Equal([1, 3, 6, 7, 8], read.Value.Select(r => r.Sequence).Order());
        Assert.Equal(["t"], read.Value.Single(r => r.Sequence == 6).Tags);
        var none = await Store.Reads.ReadCheckpointsAsync(session.Address, [99], Cancel);
        Assert.Equal((2, 0), (none.Version, none.Value.Count));
        Assert.Equal(0, (await Store.Reads.ReadCheckpointsAsync(HistoryRows.Address("none"), [1], Cancel)).Version);
        await session.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        Assert.Empty((await Store.Reads.ReadCheckpointsAsync(session.Address, wanted, Cancel)).Value);
    }

    /// <summary>The version that every read of a session names.</summary>
    private async Task<long> VersionsAsync(SessionAddress address)
    {
        var versions = new[]
        {
            (await Store.Reads.ReadHeadAsync(address, Cancel))?.Head.Version ?? 0,
            (await Store.Reads.ReadCheckpointAsync(address, default, CheckpointParts.All, Cancel)).Version,
            (await Store.Reads.ReadCheckpointAsync(address, 999, CheckpointParts.Summary, Cancel)).Version,
            (await Store.Reads.ListAsync(address, new ListFilter { Limit = 10 }, Cancel)).Version,
            (await Store.Reads.ListAsync(address, new ListFilter { Limit = 10, Tag = "nobody's" }, Cancel)).Version,
            (await Store.Reads.ReadAttemptsAsync(address, [Guid.NewGuid()], Cancel)).Version,
            (await Store.Reads.SurveyAsync(address, new() { KeepRecent = 1 }, HistoryRows.Start, Cancel)).Version,
        };
        return Assert.Single(versions.Distinct());
    }
}
