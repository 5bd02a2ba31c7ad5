using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Sqlite;

/// <summary>A database that may not grow any further, on a disk that has as much room as a test says.</summary>
public sealed class SqliteDiskTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(7);
    private long _free;
    private IHistoryStore? _store;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IHistoryStore Store => _store!;

    private bool HasReserve => File.Exists(Path.Combine(_folder.Path, SqliteDisk.FileName));

    public async ValueTask InitializeAsync()
    {
        _store = new SqliteHistoryStore(
            _folder.Path, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance)
        {
            Pragmas = SqliteDurability.Pragmas + " PRAGMA max_page_count = 300;",
            ReserveBytes = 1024 * 1024,
            Available = () => _free,
        };
        await Store.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Create_DiskIsFull_IsRefusedWithTheReasonAndReadinessSaysSo()
    {
        Assert.True(HasReserve);
        await Store.PingAsync(Cancel);

        var session = await FillAsync();

        Assert.False(HasReserve);
        await AssertFullAsync(() => Store.PingAsync(Cancel));
        await AssertFullAsync(() => Store.Staging.BeginAsync(1_000_000, HistoryRows.Start, Cancel));
        var again = Assert.Single(await Store.Commits.CommitAsync(
            SessionScript.Batch(await session.NextAsync(HistoryRows.Checkpoint(session.Head!.LastSequence + 1))), Cancel));
        Assert.Equal(CommitStatus.NoRoom, again.Status);
        Assert.Equal(CommitStatus.NoRoom, Store.Commits.NoRoom?.Status);
        Assert.False(Store.Upkeep.HasRoom);
        Assert.Contains("disk", Assert.IsType<UnavailableException>(again.Cause).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commit_DiskIsFull_WhatFreesSpaceGoesAndItsNeighbourDoesNot()
    {
        var session = await FillAsync();
        var neighbour = new SessionScript(Store, HistoryRows.Address("neighbour"));
        var batch = SessionScript.Batch(
            (await session.NextAsync()).Having(new Removed(1), new Due(DueWorkKind.Reclaim, HistoryRows.Start)),
            await neighbour.NextAsync(HistoryRows.Checkpoint(1)));

        var outcomes = await Store.Commits.CommitAsync(batch, Cancel);

        Assert.Equal(
            [CommitStatus.Committed, CommitStatus.NoRoom],
            batch.Commits.Zip(outcomes).OrderBy(c => c.First.Address == neighbour.Address).Select(c => c.Second.Status));
    }

    [Fact]
    public async Task Reclaim_DiskIsFull_GivesSpaceBackAndCreatesGoOn()
    {
        var session = await FillAsync();
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new RangeRemoved(new SequenceRange(1, session.Head!.LastSequence - 1)), new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });
        await DoAsync(DueWorkKind.Reclaim, session);
        await AssertFullAsync(() => Store.PingAsync(Cancel));

        _free = long.MaxValue;
        await Store.Upkeep.BeginWalkAsync(HistoryRows.Start, Cancel);

        await Store.PingAsync(Cancel);
        Assert.True(HasReserve);
        Assert.True(Store.Upkeep.HasRoom);
        Assert.Null(Store.Commits.NoRoom);
        for (var i = 0; i < 5; i++)
        {
            await session.CreateAsync(Large(session.Head!.LastSequence + 1));
        }
    }

    [Fact]
    public async Task Erase_DiskIsFull_TakesTheSession()
    {
        var session = await FillAsync();
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start },
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });

        await DoAsync(DueWorkKind.Erase, session);

        Assert.True(await Store.Upkeep.PurgeAsync(Cancel));
        Assert.InRange(new FileInfo(Path.Combine(_folder.Path, SqliteHistoryStore.FileName)).Length, 1, 300 * 1024);
    }

    /// <summary>Creates until the disk is full.</summary>
    private async Task<SessionScript> FillAsync()
    {
        var session = new SessionScript(Store, HistoryRows.Address("s"));
        for (var sequence = 1; sequence < 200; sequence++)
        {
            var batch = SessionScript.Batch(await session.NextAsync(Large(sequence)));
            var outcome = Assert.Single(await Store.Commits.CommitAsync(batch, Cancel));
            if (outcome.Status == CommitStatus.NoRoom)
            {
                Assert.InRange(sequence, 10, 100);
                return session;
            }

            Assert.Equal(CommitStatus.Committed, outcome.Status);
            session.Took(batch);
        }

        throw new InvalidOperationException("The disk does not come to be full.");
    }

    private StoredCheckpoint Large(long sequence)
    {
        var state = new byte[20_000];
        _random.NextBytes(state);
        return HistoryRows.Checkpoint(sequence).WithState(state);
    }

    private async Task DoAsync(DueWorkKind kind, SessionScript session)
    {
        var work = (await Store.Upkeep.FindDueWorkAsync(kind, session.Key, Cancel))!;
        for (var step = 0; !await Store.Upkeep.DoWorkAsync(work, 10, HistoryRows.Start.AddYears(1), Cancel); step++)
        {
            Assert.InRange(step, 0, 100);
        }
    }

    private static async Task AssertFullAsync(Func<Task> call) => Assert.Contains(
        "disk", (await Assert.ThrowsAsync<UnavailableException>(call)).Message, StringComparison.Ordinal);
}
