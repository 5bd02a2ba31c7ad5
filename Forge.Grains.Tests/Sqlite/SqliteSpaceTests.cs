using System.Text;
using Forge.Checkpoints;
using Forge.Grains.Rules;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.History.Reclaiming;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Sqlite;

/// <summary>That space comes back, and that what was erased is in no file.</summary>
public sealed class SqliteSpaceTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();
    private IHistoryStore? _store;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IHistoryStore Store => _store!;

    public async ValueTask InitializeAsync() => _store = await OpenAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task DoWork_ReclaimOfManyRanges_DropsThoseThatItEmptied()
    {
        await using var store = await TrialStore.StartAsync();
        await ReclaimedRanges.AssertDroppedAsync(store, () => Task.FromResult(store.Count("removed_ranges")));
    }

    [Fact]
    public async Task DoWork_ReclaimOfAllInARangeOfTrunks_DropsIt()
    {
        await using var store = await TrialStore.StartAsync();
        await ReclaimedRanges.AssertTrunksDroppedAsync(store, () => Task.FromResult(store.Count("trunk_ranges")));
    }

    [Fact]
    public async Task GiveBackSpace_AfterACompaction_FileFallsWithinTheBound()
    {
        var session = new SessionScript(Store, HistoryRows.Address("s"));
        for (var i = 0; i < 40; i++)
        {
            await session.CreateAsync(
                [.. HistoryRows.Checkpoints((i * 20) + 1, (i * 20) + 20).Select(r => r.WithState(new byte[40_000]))]);
        }

        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new SequenceRange(1, 600)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        await DoAsync(DueWorkKind.Reclaim);
        while (!await Store.Upkeep.GiveBackSpaceAsync(Cancel))
        {
        }

        // Cuts the log too, by which the file gets the size that the database has.
        await Store.DisposeAsync();
        var live = 200 * 40_000;
        var length = new FileInfo(Path.Combine(_folder.Path, SqliteHistoryStore.FileName)).Length;
        Assert.InRange(length, live, (live * 1.25) + (4 * 1024 * 1024) + 100_000);
        // Some pages stay for what comes next: giving every page back would only have it asked for again.
        Assert.True(long.Parse(Query("SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size"), null) > 3 * 1024 * 1024);
    }

    [Fact]
    public async Task Purge_AfterAnErasure_NoByteOfItIsInAnyFile()
    {
        var marker = $"secret-{Guid.NewGuid():N}";
        var (session, other) = (
            new SessionScript(Store, HistoryRows.Address("s")), new SessionScript(Store, HistoryRows.Address("other")));
        for (var i = 0; i < 30; i++)
        {
            // Beside a neighbour, so that their cells share pages; small ones, and ones that overflow.
            var size = i % 3 == 0 ? 50_000 : 500;
            await other.CreateAsync(HistoryRows.Checkpoint(i + 1, "t").WithState(new byte[size]));
            var commit = await session.NextAsync(
                (HistoryRows.Checkpoint(i + 1, "t", marker) with { Message = marker }).WithState(Marked(marker, size)));
            await session.CommitAsync(commit.Having(
                new Annotated(new NewAnnotation(i + 1, 100 + i, HistoryRows.Start, AnnotationSeverity.Info, marker)),
                new Logged(new SessionEvent(
                    100 + i, SessionEventKind.Annotated, HistoryRows.Start, i + 1, i + 1, $"\"{marker}\"")),
                new Remembered(new RememberedRequest(Guid.NewGuid(), HistoryRows.Start, "annotate", $"\"{marker}\""))));
            await session.CommitAsync(c => c with { Head = c.Head with { Settings = $"\"{marker}\"" } });
        }

        // Some went before, by a compaction whose pages are free and hold what was in them.
        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new SequenceRange(1, 20)), new Due(DueWorkKind.Reclaim, HistoryRows.Start)],
        });
        await DoAsync(DueWorkKind.Reclaim);
        Assert.True(Holds(marker));

        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start, Settings = null },
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });
        await DoAsync(DueWorkKind.Erase);
        Assert.True(await Store.Upkeep.PurgeAsync(Cancel));

        Assert.False(Holds(marker));
        Assert.Equal("ok", Query("PRAGMA integrity_check"));
        Assert.Equal(30, (await Store.Reads.ListAsync(other.Address, new ListFilter { Limit = 99 }, Cancel)).Value.Count);
    }

    [Fact]
    public async Task Purge_BesideALongRead_SaysSoAndHoldsNobodyUp()
    {
        var session = new SessionScript(Store, HistoryRows.Address("s"));
        await session.CreateAsync(HistoryRows.Checkpoints(1, 3));
        await using (await Store.Reads.OpenSnapshotAsync(session.Address, Cancel))
        {
            await session.CreateAsync(HistoryRows.Checkpoint(4));
            Assert.False(await Store.Upkeep.PurgeAsync(Cancel));
            await session.CreateAsync(HistoryRows.Checkpoint(5));
        }

        Assert.True(await Store.Upkeep.PurgeAsync(Cancel));
    }

    [Fact]
    public async Task Write_BesideALongRead_EndsItWhenTheLogIsTooLarge()
    {
        using var folder = new TemporaryFolder();
        await using var store = await OpenAsync(folder.Path, bounds: new SqliteLogBounds(256 * 1024, 512 * 1024, 2 * 1024 * 1024));
        var session = new SessionScript(store, HistoryRows.Address("s"));
        await session.CreateAsync(HistoryRows.Checkpoints(1, 3));
        await using var read = await store.Reads.OpenSnapshotAsync(session.Address, Cancel);
        await using var verification = await store.Verification.OpenStoredAsync(session.Address, Cancel);
        Assert.Equal(3, await read!.ReadAsync(Cancel).CountAsync(Cancel));

        var largest = await WriteMiBsAsync(folder.Path, session, 10);

        Assert.InRange(largest, 2 * 1024 * 1024, 3 * 1024 * 1024);
        var error = await Assert.ThrowsAsync<Errors.UnavailableException>(async () => await read.ReadAsync(Cancel).CountAsync(Cancel));
        Assert.Contains("in its log", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Errors.UnavailableException>(() => verification!.RowsAsync(0, Cancel));
        await using var again = await store.Reads.OpenSnapshotAsync(session.Address, Cancel);
        Assert.Equal(103, await again!.ReadAsync(Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task Write_BesideALongReadThatTheLogHasRoomFor_LeavesIt()
    {
        using var folder = new TemporaryFolder();
        await using var store = await OpenAsync(folder.Path, bounds: new SqliteLogBounds(256 * 1024, 512 * 1024, 0));
        var session = new SessionScript(store, HistoryRows.Address("s"));
        await session.CreateAsync(HistoryRows.Checkpoints(1, 3));
        await using (var read = await store.Reads.OpenSnapshotAsync(session.Address, Cancel))
        {
            Assert.InRange(await WriteMiBsAsync(folder.Path, session, 5), 5 * 1024 * 1024, 10 * 1024 * 1024);
            Assert.Equal(3, await read!.ReadAsync(Cancel).CountAsync(Cancel));
        }

        // It is begun anew as soon as nobody reads from it.
        await WriteMiBsAsync(folder.Path, session, 1);
        Assert.InRange(LogBytes(folder.Path), 0, 1024 * 1024);
    }

    [Fact]
    public async Task Start_FileThatCannotGiveBack_IsConvertedOnce()
    {
        using var folder = new TemporaryFolder();
        await using (var old = await OpenAsync(folder.Path, SqliteDurability.Pragmas.Replace("INCREMENTAL", "NONE", StringComparison.Ordinal)))
        {
            await new SessionScript(old, HistoryRows.Address("s")).CreateAsync(HistoryRows.Checkpoints(1, 3));
        }

        await using var store = await OpenAsync(folder.Path);

        Assert.Equal("2", Query("PRAGMA auto_vacuum", folder.Path));
        Assert.Equal(3, (await store.Reads.ListAsync(HistoryRows.Address("s"), new ListFilter { Limit = 9 }, Cancel)).Value.Count);
    }

    /// <summary>Creates ten checkpoints for each MiB, and says how large the log was at its largest.</summary>
    private static async Task<long> WriteMiBsAsync(string folder, SessionScript session, int count)
    {
        var (random, largest) = (new Random(51), 0L);
        for (var i = 0; i < count * 10; i++)
        {
            var state = new byte[100 * 1024];
            random.NextBytes(state);
            await session.CreateAsync(HistoryRows.Checkpoint(session.Head!.LastSequence + 1).WithState(state));
            largest = Math.Max(largest, LogBytes(folder));
        }

        return largest;
    }

    private static long LogBytes(string folder) => new FileInfo(Path.Combine(folder, SqliteHistoryStore.FileName + "-wal")).Length;

    private static byte[] Marked(string marker, int size) =>
        [.. Enumerable.Repeat(Encoding.UTF8.GetBytes(marker), (size / marker.Length) + 1).SelectMany(b => b)];

    private static async Task<IHistoryStore> OpenAsync(string folder, string? pragmas = null, SqliteLogBounds? bounds = null)
    {
        var store = new SqliteHistoryStore(
            folder, new WriterOptions(), false, TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance)
        {
            Pragmas = pragmas ?? SqliteDurability.Pragmas,
            LogBounds = bounds ?? SqliteLogBounds.Default,
        };
        await store.StartAsync(Cancel);
        return store;
    }

    private async Task DoAsync(DueWorkKind kind)
    {
        var work = await Store.Upkeep.ClaimDueWorkAsync(kind, "o", HistoryRows.Start, Lease, Cancel);
        while (!await Store.Upkeep.DoWorkAsync(work!, 500, HistoryRows.Start.AddYears(1), Cancel))
        {
        }
    }

    private bool Holds(string marker)
    {
        var sought = Encoding.UTF8.GetBytes(marker);
        return Directory.GetFiles(_folder.Path, "forge.db*").Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes.AsSpan().IndexOf(sought) >= 0;
        });
    }

    private string Query(string sql) => Query(sql, _folder.Path);

    private static string Query(string sql, string folder)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, SqliteHistoryStore.FileName)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!.ToString()!;
    }
}
