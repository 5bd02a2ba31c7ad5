using Forge.Checkpoints;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Forks;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.History.Writing;
using Forge.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.History.Sql;

/// <summary>The declared tables and the dialects, on each database: what is written by columns is read by them.</summary>
public abstract class SqlConformance : IAsyncLifetime
{
    private static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, 678, 900, TimeSpan.Zero);

    private IHistoryStore _store = null!;
    private ISqlDatabase _database = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract Task<(IHistoryStore Store, ISqlDatabase Database)> OpenAsync();

    public async ValueTask InitializeAsync() => (_store, _database) = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Insert_CheckpointsWithAndWithoutWhatMayBeMissing_AreReadAsTheyWere()
    {
        var full = HistoryRows.FullCheckpoint(7) with { Base = 5, Group = 3, Trunk = true, Chain = [1, 2, 3], FirstTags = ["a\"b", ""] };
        var bare = HistoryRows.Checkpoint(8) with { Tags = [], FirstTags = null, Base = null, Group = null, Chain = null };

        var read = await WriteAndReadAsync(HistoryTables.Checkpoints, full, bare);

        HistoryRows.AssertSame(full, read[0], CheckpointParts.State);
        HistoryRows.AssertSame(bare, read[1], CheckpointParts.State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public async Task Survey_PageByPage_IsThatOfAllAtOnce(int pageRows)
    {
        var session = new SessionScript(_store, HistoryRows.Address("s"));
        await session.CreateAsync([.. Enumerable.Range(1, 40).Select(i => HistoryRows.Checkpoint(i, i % 6 == 0 ? ["keep"] : []))]);
        await session.CommitAsync(c => c with { Changes = [new Removed(39), new RangeRemoved(new(10, 17)), new TrunksMarked(new(6, 9))] });
        foreach (var policy in new[] { new RetentionPolicy { KeepTags = ["keep"] }, new RetentionPolicy { KeepRecent = 12 } })
        {
            var pages = await new SurveyRead(_database, pageRows).ReadAsync(session.Address, policy, Time, Cancel);
            var once = await new SurveyRead(_database).ReadAsync(session.Address, policy, Time, Cancel);

            Assert.Equal((once.Version, once.Value.Visible, once.Value.Kept), (pages.Version, pages.Value.Visible, pages.Value.Kept));
            Assert.Equal(once.Value.Removals, pages.Value.Removals);
            Assert.Equal(once.Value.Trunks, pages.Value.Trunks);
            Assert.Equal(once.Value.Placed, pages.Value.Placed);
            Assert.NotEmpty(pages.Value.Removals);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public async Task Path_PageByPage_IsThatOfAllAtOnce(int pageRows)
    {
        // 1 - ... - 20 - 31 - ... - 40, beside 21 - ... - 30, of which some are gone, hidden or in a range.
        var session = new SessionScript(_store, HistoryRows.Address("s"));
        await session.CreateAsync([.. Enumerable.Range(1, 40).Select(i => HistoryRows.Checkpoint(i) with { Parent = i == 31 ? 20 : i - 1 })]);
        await session.CommitAsync(c => c with
        {
            Changes = [new RangeRemoved(new(4, 9)), new Removed(15), new Removed(34), new RangeRemoved(new(25, 33)), new Due(DueWorkKind.Reclaim, Time)],
        });
        var work = (await _store.Upkeep.FindDueWorkAsync(DueWorkKind.Reclaim, session.Key, Cancel))!;
        while (!await _store.Upkeep.DoWorkAsync(work, 5, Time, Cancel))
        {
        }

        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new(11, 12))] });
        await using var snapshot = await _database.OpenAsync(Cancel);
        var removed = new RemovedSequences([new(11, 12)]);

        var path = await new PathWalk(_database.Dialect, pageRows).FindAsync(snapshot, session.Key, 40, removed, Cancel);

        Assert.Equal([1, 2, 3, 10, 13, 14, 16, 17, 18, 19, 20, 35, 36, 37, 38, 39, 40], path.Rising());
        Assert.Equal(17, path.Size.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public async Task Path_OfWhatRequiresOthers_HasTheirLinesToo(int pageRows)
    {
        // 1 - ... - 9 - 20, 2 - 10 - 11, 4 - 12 - 13, a root 14 - 15. 20 requires 11 and 15, and 15 requires 13.
        var session = new SessionScript(_store, HistoryRows.Address("s"));
        await session.CreateAsync([.. Enumerable.Range(1, 20).Select(i => HistoryRows.Checkpoint(i) with
        {
            Parent = i switch { 20 => 9, 10 => 2, 12 => 4, 14 or 16 => 0, _ => i - 1 },
            Requires = i switch { 20 => "11,15", 11 => "7", 15 => "13", 18 => "17", _ => null },
        })]);
        await session.CommitAsync(c => c with { Changes = [new RangeRemoved(new(4, 4)), new Removed(12)] });
        await using var snapshot = await _database.OpenAsync(Cancel);

        var path = await new PathWalk(_database.Dialect, pageRows).FindAsync(
            snapshot, session.Key, 20, new RemovedSequences([new(4, 4), new(12, 12)]), Cancel);

        long[] there = [1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 20];
        Assert.Equal(there, path.Rising());
        Assert.Equal([0, 1, 2, 3, 5, 6, 7, 8, 2, 10, 3, 0, 14, 9], there.Select((sequence, i) => path.ParentOf(sequence, i == 0 ? 0 : there[i - 1])));
    }

    [Fact]
    public async Task Insert_RowsOfEachOtherTable_AreReadAsTheyWere()
    {
        Same(new Requirement(3, 7), await OneAsync(HistoryTables.Requirements, new(3, 7)));
        Same(new NewAnnotation(1, 2, Time, AnnotationSeverity.Critical, "text"), await OneAsync(HistoryTables.Annotations, new(1, 2, Time, AnnotationSeverity.Critical, "text")));
        Same(new SequenceRange(4, 9), await OneAsync(HistoryTables.RemovedRanges, new(4, 9)));
        Same(new StoredTag(3, "tag"), await OneAsync(HistoryTables.CheckpointTags, new(3, "tag")));
        Same(new RememberedRequest(Guid.Parse("0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000"), Time, "k", "{}"), await OneAsync(
            HistoryTables.Requests, new(Guid.Parse("0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000"), Time, "k", "{}")));
        Same(new SessionEvent(5, SessionEventKind.Compacted, Time, 1, 2, null), await OneAsync(
            HistoryTables.Events, new(5, SessionEventKind.Compacted, Time, 1, 2, null)));
        var run = RemovedRuns.Of(new RemovedLink(4, 0, 0, null));
        Same(run, await OneAsync(HistoryTables.RemovedRuns, run));
        Same(new RemovedLineage(4, 9, 2, -7), await OneAsync(HistoryTables.Lineage, new(4, 9, 2, -7)));
        Same(new FoundWork(77, DueWorkKind.Retain, Time), await OneAsync(HistoryTables.FoundWork, new(77, DueWorkKind.Retain, Time)));
    }

    [Fact]
    public async Task Select_RowsThatMigrationsMade_AreRead()
    {
        var statement = _database.Dialect.Statement($"SELECT {HistoryTables.Verification.All.Names} FROM verification");

        var read = await _database.ReadAsync(t => t.ReadOneAsync(statement, HistoryTables.Verification.All.Read), Cancel);

        Assert.NotNull(read);
        Assert.Empty(read.DamagedSessions);
        Assert.True(read.NextAt <= DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task Statement_InAListAndLeast_AnswersAsTheOtherDatabaseDoes()
    {
        await WriteAndReadAsync(HistoryTables.RemovedRanges, new(1, 1), new(2, 2), new(3, 3), new(5, 5));
        var dialect = _database.Dialect;
        var found = dialect.Statement(
            $"SELECT {dialect.Least("first_sequence", "@most")} FROM removed_ranges WHERE session_key = @key AND {dialect.In("first_sequence", "@wanted")} ORDER BY 1");

        Assert.Equal([1, 2, 2], await _database.ReadAsync(
            t => t.ReadAllAsync(found, row => row.Long(), ("key", 1L), ("wanted", new long[] { 1, 3, 4, 5 }), ("most", 2L)), Cancel));
    }

    [Fact]
    public async Task RemoveSome_MoreRowsThanTheLimit_RemovesSoManyOfTheSession()
    {
        await WriteAndReadAsync(HistoryTables.CheckpointTags, new(1, "a"), new(2, "a"), new(3, "b"));
        var remove = _database.Dialect.RemoveSome(HistoryTables.CheckpointTags);

        Assert.Equal(0, await _database.ChangeAsync(t => t.ExecuteAsync(remove, ("key", 2L), ("limit", 2)), Cancel));
        Assert.Equal(2, await _database.ChangeAsync(t => t.ExecuteAsync(remove, ("key", 1L), ("limit", 2)), Cancel));
        Assert.Equal(1, await _database.SweepAsync(t => t.ExecuteAsync(remove, ("key", 1L), ("limit", 2)), Cancel));
    }

    [Fact]
    public async Task Change_GivenUp_LeavesNothing()
    {
        var insert = _database.Dialect.Insert(HistoryTables.RemovedRanges);

        var inserted = await _database.ChangeAsync(
            async t =>
            {
                var count = await t.InsertAsync(insert, 1, [new SequenceRange(1, 2)]);
                t.GiveUp();
                return count;
            },
            Cancel);

        Assert.Equal(1, inserted);
        Assert.Empty(await ReadAsync(HistoryTables.RemovedRanges));
    }

    private async Task<TRow> OneAsync<TRow>(Table<TRow> table, TRow row) => Assert.Single(await WriteAndReadAsync(table, row));

    private async Task<List<TRow>> WriteAndReadAsync<TRow>(Table<TRow> table, params TRow[] rows)
    {
        var insert = _database.Dialect.Insert(table);
        Assert.Equal(rows.Length, await _database.ChangeAsync(t => t.InsertAsync(insert, 1, rows), Cancel));
        return await ReadAsync(table);
    }

    private Task<List<TRow>> ReadAsync<TRow>(Table<TRow> table)
    {
        var select = _database.Dialect.Statement($"SELECT {table.All.Of("t")} FROM {table.Name} t ORDER BY 1");
        return _database.ReadAsync(t => t.ReadAllAsync(select, table.All.Read), Cancel);
    }

    private static void Same<TRow>(TRow expected, TRow read) => Assert.Equal(expected, read);
}

public sealed class SqliteSqlTests : SqlConformance
{
    private readonly TemporaryFolder _folder = new();

    private protected override async Task<(IHistoryStore, ISqlDatabase)> OpenAsync()
    {
        var store = new SqliteHistoryStore(
            _folder.Path, new WriterOptions(), false, TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance);
        await store.StartAsync(TestContext.Current.CancellationToken);
        return (store, store.Database);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class PostgreSqlSqlTests : SqlConformance
{
    private string _name = null!;

    private protected override async Task<(IHistoryStore, ISqlDatabase)> OpenAsync()
    {
        _name = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var store = new PostgreSqlHistoryStore(_name, new WriterOptions(), false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance);
        await store.StartAsync(TestContext.Current.CancellationToken);
        return (store, store.Database);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await PostgreSqlServer.Shared.DropDatabaseAsync(_name);
    }
}
