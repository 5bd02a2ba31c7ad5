using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.History.Feeds;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>
/// What transactions of several silos, and clusters that a database moves between, make of a feed. They are alone on the server, for a
/// transaction of any other test's would hold their feeds back.
/// </summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PostgreSqlFeedTests : PostgreSqlStoreTest, IAsyncLifetime
{
    private const string Name = "alone on PostgreSQL";

    private static readonly FeedFilter All = new() { Limit = 1000, Bytes = 1 << 20 };

    private string _database = "";
    private IHistoryStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        _store = await StartStoreAsync(_database);
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
    }

    [Fact]
    public async Task Read_TransactionThatCommitsLate_IsWaitedForAndNothingIsSkipped()
    {
        var (slow, quick) = (Session(_store, "slow"), Session(_store, "quick"));
        await slow.CreateAsync(HistoryRows.Checkpoint(1));
        await quick.CreateAsync(HistoryRows.Checkpoint(1));
        var begun = await ReadAsync(null);
        Assert.Equal(["slow 1", "quick 1"], Told(begun));

        // What the other silo's batch does, up to but without its commit: it has the lower number.
        await using var other = new NpgsqlConnection(_database);
        await other.OpenAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await using (var command = new NpgsqlCommand(
            """
            INSERT INTO events (session_key, position, kind, at, sequence, last_sequence, detail)
                SELECT session_key, 2, 8, now(), 0, 1, '{"epoch":1,"owner":"w"}' FROM sessions WHERE session = 'slow';
            UPDATE sessions SET version = version + 1, last_position = 2 WHERE session = 'slow';
            """,
            other))
        {
            await command.ExecuteNonQueryAsync(Cancel);
        }

        await using (var fed = new NpgsqlCommand("INSERT INTO feed (tenant, entries) VALUES ('default', $1)", other))
        {
            fed.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = FeedEntries.Bytes(new(slow.Key, 2, 2)) });
            await fed.ExecuteNonQueryAsync(Cancel);
        }

        for (var sequence = 2; sequence <= 4; sequence++)
        {
            await quick.CreateAsync(HistoryRows.Checkpoint(sequence));
        }

        var between = await ReadAsync(begun.Place);
        Assert.Equal(begun.Place, await _store.Feed.NewestAsync(TenantId.Default, Cancel));
        await transaction.CommitAsync(Cancel);
        var after = await ReadAsync(between.Place);

        Assert.Equal(["slow 2", "quick 2", "quick 3", "quick 4"], Told(between).Concat(Told(after)));
        Assert.Empty(between.Items);
    }

    [Fact]
    public async Task Read_TransactionThatIsRolledBackLate_HoldsUpNobodyFromThenOn()
    {
        var session = Session(_store, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await using var other = new NpgsqlConnection(_database);
        await other.OpenAsync(Cancel);
        await using var transaction = await other.BeginTransactionAsync(Cancel);
        await using (var fed = new NpgsqlCommand("INSERT INTO feed (tenant, entries) VALUES ('default', '')", other))
        {
            await fed.ExecuteNonQueryAsync(Cancel);
        }

        await session.CreateAsync(HistoryRows.Checkpoint(2));
        Assert.Equal(["s 1"], Told(await ReadAsync(null)));
        await transaction.RollbackAsync(Cancel);

        Assert.Equal(["s 1", "s 2"], Told(await ReadAsync(null)));
    }

    [Fact]
    public async Task Read_TwoStoresThatCommitBesideEachOther_HasNoHoleAndNoRepeat()
    {
        const int each = 60;
        var second = await StartStoreAsync(_database);
        var sessions = new[] { _store, _store, second, second }.Select((store, i) => Session(store, $"s{i}")).ToArray();
        var writing = Task.WhenAll(sessions.Select(session => Task.Run(async () =>
        {
            for (var sequence = 1; sequence <= each; sequence++)
            {
                await session.CreateAsync(HistoryRows.Checkpoint(sequence));
            }
        })));

        var told = new List<string>();
        FeedPlace? place = null;
        while (true)
        {
            var isOver = writing.IsCompleted;
            var read = await _store.Feed.ReadAsync(TenantId.Default, All with { Limit = 7 }, place, Cancel);
            place = read.Place;
            told.AddRange(Told(read));
            if (isOver && read.IsAtEnd)
            {
                break;
            }
        }

        await writing;
        Assert.Equal(4 * each, told.Count);
        foreach (var session in sessions)
        {
            Assert.Equal(
                Enumerable.Range(1, each).Select(p => $"{session.Address.Session} {p}"),
                told.Where(t => t.StartsWith($"{session.Address.Session} ", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("UPDATE feed SET tx = tx + 1000000000")]
    [InlineData("INSERT INTO feed_marks VALUES ('other', 1000000000000, 1)")]
    public async Task Start_RowsOfAnotherCluster_BeginsAnEpochAndRefusesOlderCursors(string moved)
    {
        var session = Session(_store, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        var place = (await ReadAsync(null)).Place;

        // A silo that starts on its own database changes nothing.
        var again = await StartStoreAsync(_database);
        Assert.Empty((await again.Feed.ReadAsync(TenantId.Default, All, place, Cancel)).Items);

        await PostgreSqlServer.ExecuteAsync(_database, moved);
        var restored = await StartStoreAsync(_database);

        await Assert.ThrowsAsync<FeedLostException>(() => restored.Feed.ReadAsync(TenantId.Default, All, place, Cancel));
        Assert.Empty((await restored.Feed.ReadAsync(TenantId.Default, All, null, Cancel)).Items);
        await session.CreateAsync(HistoryRows.Checkpoint(2));
        Assert.Equal(["s 2"], Told(await restored.Feed.ReadAsync(TenantId.Default, All, null, Cancel)));
        Assert.Equal(place.Epoch + 1, (await restored.Feed.NewestAsync(TenantId.Default, Cancel)).Epoch);
    }

    private Task<FeedRead> ReadAsync(FeedPlace? after) => _store.Feed.ReadAsync(TenantId.Default, All, after, Cancel);

    private static IEnumerable<string> Told(FeedRead read) => read.Items.Select(item => $"{item.Session} {item.Event.Position}");
}
