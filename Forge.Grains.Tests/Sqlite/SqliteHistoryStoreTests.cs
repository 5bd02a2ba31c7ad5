using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Rows;
using Forge.History.Sqlite;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Grains.Tests.Sqlite;

public class SqliteHistoryStoreTests : HistoryStoreConformance
{
    private readonly TemporaryFolder _folder = new();

    private protected override Task<IHistoryStore> CreateStoreAsync() => OpenAsync(_folder.Path);

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Start_FolderOfARunningStore_IsRefused()
    {
        var error = await Assert.ThrowsAsync<DatabaseInUseException>(() => OpenAsync(_folder.Path));

        Assert.Equal(_folder.Path, error.Path);
        Assert.NotNull(error.InnerException);
        await Session("s").CreateAsync(HistoryRows.Checkpoint(1));
    }

    [Fact]
    public async Task Start_AfterDispose_SeesEverythingAndGivesNewKeys()
    {
        var session = Session("s");
        var rows = new[] { HistoryRows.FullCheckpoint(1), HistoryRows.Checkpoint(2).WithState(new byte[200_000]) };
        await session.CreateAsync(rows);
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.DisposeAsync();

        await using var again = await OpenAsync(_folder.Path);

        var read = await again.Reads.ReadHeadAsync(session.Address, Cancel);
        HistoryRows.AssertSame(session.Head!, read!.Head);
        foreach (var row in rows)
        {
            var found = await again.Reads.ReadCheckpointAsync(session.Address, row.Id, CheckpointParts.All, Cancel);
            HistoryRows.AssertSame(row, found.Value, CheckpointParts.All);
        }

        Assert.True(await again.Commits.NextSessionKeyAsync(Cancel) > key);
    }

    [Fact]
    public async Task Start_CopyOfTheFilesOfARunningStore_SeesWhatWasCommitted()
    {
        // What a crash leaves is the files as they are, the log not yet folded in.
        var session = Session("s");
        await session.CreateAsync(HistoryRows.Checkpoints(1, 5));
        using var crashed = new TemporaryFolder();
        foreach (var file in new[] { "forge.db", "forge.db-wal" })
        {
            File.Copy(Path.Combine(_folder.Path, file), Path.Combine(crashed.Path, file));
        }

        await using var again = await OpenAsync(crashed.Path);

        HistoryRows.AssertSame(session.Head!, (await again.Reads.ReadHeadAsync(session.Address, Cancel))!.Head);
        Assert.Equal(5, (await again.Reads.ListAsync(session.Address, new ListFilter { Limit = 9 }, Cancel)).Value.Count);
    }

    [Theory]
    [InlineData("PRAGMA synchronous = OFF", "synchronous", "0")]
    [InlineData("PRAGMA synchronous = NORMAL", "synchronous", "1")]
    [InlineData("PRAGMA journal_mode = DELETE", "journal_mode", "delete")]
    [InlineData("PRAGMA journal_mode = MEMORY", "journal_mode", "memory")]
    public async Task Start_SettingThatIsNotDurable_IsRefusedUnlessAllowed(string pragma, string setting, string value)
    {
        using var folder = new TemporaryFolder();
        var pragmas = $"{SqliteDurability.Pragmas} {pragma};";

        var error = await Assert.ThrowsAsync<UnsafeDurabilityException>(() => OpenAsync(folder.Path, pragmas));
        Assert.Equal((setting, value), (error.Setting, error.Value));

        await using var allowed = await OpenAsync(folder.Path, pragmas, allowUnsafe: true);
        await new SessionScript(allowed, HistoryRows.Address("s")).CreateAsync(HistoryRows.Checkpoint(1));
    }

    [Fact]
    public async Task Start_SchemaOfANewerForge_IsRefusedAndLeftAlone()
    {
        await Store.DisposeAsync();
        Assert.Equal($"{SqliteSchema.Known}", Query("SELECT level FROM schema_level"));
        Execute("UPDATE schema_level SET level = 99, oldest_level = 98");

        var error = await Assert.ThrowsAsync<SchemaTooNewException>(() => OpenAsync(_folder.Path));

        Assert.Equal((98, SqliteSchema.Known), (error.Oldest, error.Known));
        Execute($"UPDATE schema_level SET oldest_level = {SqliteSchema.Known}");
        await using var compatible = await OpenAsync(_folder.Path);
        await compatible.PingAsync(Cancel);
    }

    [Fact]
    public async Task Start_FileThatIsNoDatabase_IsUnavailableAndLetsTheFolderGo()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, SqliteHistoryStore.FileName);
        await File.WriteAllTextAsync(file, new string('x', 10_000), Cancel);

        var error = await Assert.ThrowsAsync<UnavailableException>(() => OpenAsync(folder.Path));

        Assert.IsType<SqliteException>(error.InnerException);
        File.Delete(file);
        await using var store = await OpenAsync(folder.Path);
        await store.PingAsync(Cancel);
    }

    [Fact]
    public async Task Commit_NoSpaceHalfWay_WritesNothingAndTheStoreGoesOn()
    {
        using var folder = new TemporaryFolder();
        await using var store = await OpenAsync(folder.Path, SqliteDurability.Pragmas + " PRAGMA max_page_count = 60;");
        var (a, b) = (new SessionScript(store, HistoryRows.Address("a")), new SessionScript(store, HistoryRows.Address("b")));
        await a.CreateAsync(HistoryRows.Checkpoint(1));
        var batch = SessionScript.Batch(
            await a.NextAsync(HistoryRows.Checkpoint(2)),
            await b.NextAsync(HistoryRows.Checkpoint(1), HistoryRows.Checkpoint(2).WithState(new byte[2_000_000])));

        var error = await Assert.ThrowsAsync<UnavailableException>(() => store.Commits.CommitAsync(batch, Cancel));

        Assert.IsType<SqliteException>(error.InnerException);
        HistoryRows.AssertSame(a.Head!, (await store.Reads.ReadHeadAsync(a.Address, Cancel))!.Head);
        Assert.Null(await store.Reads.ReadHeadAsync(b.Address, Cancel));
        Assert.All(await store.Commits.FindOutAsync(batch, Cancel), o => Assert.Equal(CommitStatus.Unavailable, o.Status));
        await a.CreateAsync(HistoryRows.Checkpoint(2));
        await b.CreateAsync(HistoryRows.Checkpoint(1));
    }

    [Fact]
    public async Task Commit_TextThatIsNoUnicode_IsRefusedAndTheStoreGoesOn()
    {
        var session = Session("s");

        var error = await RejectedAsync(await session.NextAsync(HistoryRows.Checkpoint(1) with { Message = "\uD800" }));

        Assert.Equal(CommitStatus.Refused, error.Status);
        Assert.Null(await HeadAsync(session.Address));
        await session.CreateAsync(HistoryRows.Checkpoint(1));
    }

    [Fact]
    public async Task Commit_DatabaseLockedByAStranger_IsUnavailableAndRecovers()
    {
        using var folder = new TemporaryFolder();
        await using var store = await OpenAsync(folder.Path, SqliteDurability.Pragmas + " PRAGMA busy_timeout = 1;");
        var session = new SessionScript(store, HistoryRows.Address("s"));
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await using (var stranger = Connect(folder.Path))
        {
            await using var transaction = stranger.BeginTransaction(deferred: false);
            var next = await session.NextAsync(HistoryRows.Checkpoint(2));
            await Assert.ThrowsAsync<UnavailableException>(() => store.Commits.CommitAsync(SessionScript.Batch(next), Cancel));
            Assert.NotNull((await store.Reads.ReadCheckpointAsync(session.Address, 1, CheckpointParts.All, Cancel)).Value);
        }

        await session.CreateAsync(HistoryRows.Checkpoint(2));
    }

    [Fact]
    public async Task Commit_AfterDispose_IsUnavailable()
    {
        var commit = await Session("s").NextAsync(HistoryRows.Checkpoint(1));
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<UnavailableException>(() => Store.Commits.CommitAsync(SessionScript.Batch(commit), Cancel));
        await Assert.ThrowsAsync<UnavailableException>(() => Store.Reads.ReadHeadAsync(commit.Address, Cancel));
    }

    [Fact]
    public async Task Commit_Events_AreStoredInFull()
    {
        var session = Session("s");
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Logged(new SessionEvent(5, SessionEventKind.Tagged, HistoryRows.Start.AddMicroseconds(1), 3, 4, """{"é":1}""")),
            ],
        });

        var micros = (HistoryRows.Start - DateTimeOffset.UnixEpoch).Ticks / 10 + 1;
        Assert.Equal(
            $$"""{{session.Key}}|5|5|{{micros}}|3|4|{"é":1}""",
            Query("SELECT concat_ws('|', session_key, position, kind, at, sequence, last_sequence, detail) FROM events"));
    }

    [Fact]
    public async Task DoWork_Erase_LeavesNoRowOfTheSessionButItsHead()
    {
        var session = Session("s");
        var commit = await session.NextAsync([.. HistoryRows.Checkpoints(1, 5).Select(r => r with { Tags = ["t"] })]);
        await session.CommitAsync(commit.Having(
        [
            new Annotated(new NewAnnotation(2, 6, HistoryRows.Start, AnnotationSeverity.Info, "x")),
            new RangeRemoved(new SequenceRange(1, 1)),
            .. Enumerable.Range(10, 5).Select(p => new Logged(new SessionEvent(p, SessionEventKind.Tagged, HistoryRows.Start, 1, 5, null))),
            .. Enumerable.Range(0, 5).Select(_ => new Remembered(HistoryRows.Request(Guid.NewGuid(), HistoryRows.Start))),
        ]));
        await session.CommitAsync(c => c with
        {
            Head = c.Head with { DeletedAt = HistoryRows.Start },
            Changes = [new Due(DueWorkKind.Erase, HistoryRows.Start)],
        });

        await FinishAsync(await ClaimAsync(HistoryRows.Start), 2, HistoryRows.Start);

        foreach (var table in new[]
        {
            "checkpoints", "checkpoint_tags", "requirements", "annotations", "removed_ranges", "lineage", "events", "requests", "due_work",
            "session_labels", "session_activity",
        })
        {
            var where = table == "due_work" ? $"WHERE kind <> {(int)DueWorkKind.Purge}" : "";
            Assert.Equal("0", Query($"SELECT count(*) FROM {table} {where}"));
        }

        Assert.Equal("1", Query("SELECT count(*) FROM sessions"));
    }

    [Fact]
    public async Task DoWork_Reclaim_GivesRangesAndSpaceBack()
    {
        var session = Session("s");
        for (var i = 0; i < 10; i++)
        {
            await session.CreateAsync(
                [.. HistoryRows.Checkpoints(i * 20 + 1, i * 20 + 20).Select(r => (r with { Tags = ["t"] }).WithState(new byte[20_000]))]);
        }

        var before = long.Parse(Query("PRAGMA page_count"), null);
        await session.CommitAsync(c => c with
        {
            Changes =
            [
                new Annotated(new NewAnnotation(2, 6, HistoryRows.Start, AnnotationSeverity.Info, "x")),
                new RangeRemoved(new SequenceRange(1, 190)),
                new Due(DueWorkKind.Reclaim, HistoryRows.Start),
            ],
        });

        await FinishAsync(await ClaimAsync(HistoryRows.Start), 50, HistoryRows.Start.AddYears(1));

        Assert.Equal("10", Query("SELECT count(*) FROM checkpoints"));
        Assert.Equal("10", Query("SELECT count(*) FROM checkpoint_tags"));
        Assert.Equal("0", Query("SELECT count(*) FROM annotations"));
        Assert.Equal("0", Query("SELECT count(*) FROM removed_ranges"));
        Assert.True(long.Parse(Query("PRAGMA page_count"), null) < before / 4);
    }

    private static async Task<IHistoryStore> OpenAsync(string folder, string? pragmas = null, bool allowUnsafe = false)
    {
        var store = new SqliteHistoryStore(
            folder, new WriterOptions(), allowUnsafe, TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance)
        {
            Pragmas = pragmas ?? SqliteDurability.Pragmas,
            FreeSpace = SqliteFreeSpace.None,
        };
        await store.StartAsync(Cancel);
        return store;
    }

    private static SqliteConnection Connect(string folder)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(folder, SqliteHistoryStore.FileName),
            Pooling = false,
        }.ToString());
        connection.Open();
        return connection;
    }

    private string Query(string sql)
    {
        using var connection = Connect(_folder.Path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!.ToString()!;
    }

    private void Execute(string sql)
    {
        using var connection = Connect(_folder.Path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
