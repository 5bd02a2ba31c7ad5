using System.Collections.Concurrent;
using Forge.Errors;
using Forge.Events;
using Forge.Grains.Hosting;
using Forge.Grains.Streams;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Sessions;
using Microsoft.Data.Sqlite;

namespace Forge.Grains.Tests.Streams;

/// <summary>What streams cost, and what becomes of them if not all goes well. Each test has a cluster of one silo.</summary>
public abstract partial class StreamFaults
{
    private readonly ConcurrentBag<ScriptedHistoryStore> _stores = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ScriptedHistoryStore Store => Assert.Single(_stores);

    /// <summary>An empty database.</summary>
    internal abstract Task<Action<ForgeOptions>> NewDatabaseAsync();

    [Fact]
    public async Task Watch_WhileNothingHappens_ReadsTheHeadOnceInAWhileHoweverManySubscribersThereAre()
    {
        const int subscribers = 10;
        var time = new HeldTicks(CheckInterval);
        await using var forge = await StartAsync(options => options.Streams.CheckInterval = CheckInterval, time);
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var streams = Enumerable.Range(0, subscribers)
            .Select(_ => session.WatchAsync(null, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel)).ToList();
        Assert.All(await Task.WhenAll(streams.Select(s => s.MoveNextAsync().AsTask())), Assert.True);
        var next = streams.ConvertAll(s => s.TakeAsync(1));

        // Whoever is asked now was waiting before.
        await session.GetSummaryAsync(1);
        var (logs, heads) = (Store.LogReads, Store.HeadReads);
        for (var i = 1; i <= 20; i++)
        {
            await TickAsync(time);

            // The first one finds that something was just committed or begun.
            await Watching.UntilAsync(() => Store.HeadReads == heads + i - 1);
        }

        Assert.Equal((logs, heads + 19), (Store.LogReads, Store.HeadReads));
        await session.CreateAsync("2");
        Assert.All(await Task.WhenAll(next), events => events.MustFollow(2));
        await TickAsync(time);
        await Watching.UntilAsync(() => time.Held == 1);
        Assert.Equal((logs, heads + 19), (Store.LogReads, Store.HeadReads));
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }

        Assert.Equal(0, time.Held);
    }

    [Fact]
    public async Task Watch_Live_ComesFromMemoryHoweverManySubscribersThereAre()
    {
        const int subscribers = 20;
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var streams = Enumerable.Range(0, subscribers)
            .Select(_ => session.WatchAsync(null, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel)).ToList();
        Assert.All(await Task.WhenAll(streams.Select(s => s.MoveNextAsync().AsTask())), Assert.True);
        var reads = Store.LogReads;
        var rest = streams.ConvertAll(s => s.TakeAsync(50));
        for (var i = 0; i < 50; i++)
        {
            await session.CreateAsync($"{i}");
        }

        Assert.All(await Task.WhenAll(rest), events => events.MustFollow(2));
        Assert.Equal(reads, Store.LogReads);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }

        Assert.Equal(0, forge.Service<OpenFeeds>().Count);
    }

    [Fact]
    public async Task Watch_SlowerThanWhatIsKept_ReadsTheLogAndIsInReachAgain()
    {
        await using var forge = await StartAsync(options => (options.Streams.RecentEvents, options.Streams.BatchEvents) = (4, 3));
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await using var stream = session.WatchAsync(0, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        Assert.True(await stream.MoveNextAsync());

        // It asks for nothing, while more happens than is kept.
        for (var i = 2; i <= 20; i++)
        {
            await session.CreateAsync($"{i}");
        }

        var reads = Store.LogReads;
        var events = await stream.TakeAsync(19);
        events.MustFollow(2);
        Assert.InRange(Store.LogReads - reads, 5, 7);
        reads = Store.LogReads;
        var next = stream.TakeAsync(1);
        await session.CreateAsync("21");
        (await next).MustFollow(21);
        Assert.Equal(reads, Store.LogReads);
    }

    [Fact]
    public async Task Create_BesideASubscriberThatNeverReads_IsNotHeldUpAndKeepsBoundedMemory()
    {
        const int bytes = 16 * 1024;
        await using var forge = await StartAsync(options => options.Streams.RecentBytes = bytes);
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var streams = Enumerable.Range(0, 50)
            .Select(_ => session.WatchAsync(0, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel)).ToList();
        Assert.All(await Task.WhenAll(streams.Select(s => s.MoveNextAsync().AsTask())), Assert.True);

        for (var i = 2; i <= 200; i++)
        {
            await session.CreateAsync(new string('x', 500));
            Assert.InRange(forge.Service<OpenFeeds>().Budget.Bytes, 1, bytes);
        }

        Assert.Equal(1, forge.Service<OpenFeeds>().Count);
        Assert.InRange(forge.Service<OpenFeeds>().Budget.Bytes, bytes / 2, bytes);
        (await streams[0].TakeAsync(199)).MustFollow(2);
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    [Fact]
    public async Task Watch_BehindACommitThatFails_TellsNothingOfIt()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await using var stream = session.WatchAsync(1, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        var next = stream.TakeAsync(2);
        await session.GetInfoAsync();
        Store.OnCommit = (_, _) => throw new UnavailableException("no");
        await Assert.ThrowsAsync<UnavailableException>(() => session.CreateAsync("lost"));
        Store.OnCommit = null;
        await session.CreateAsync("2");
        await session.CreateAsync("3");

        var events = await next;
        events.MustFollow(2);
        Assert.Equal(["2", "3"], events.Select(e => e.Message));
    }

    [Fact]
    public async Task Watch_OvertakenActivation_EndsAndGoesOnElsewhereWithNoHole()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var watched = forge.Follow(session).TakeAsync(4);
        await using var stream = session.WatchAsync(0, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        Assert.True(await stream.MoveNextAsync());
        var ends = stream.MoveNextAsync().AsTask();
        await session.GetInfoAsync();

        // What another activation does, this one does not learn of itself, but by its next read or write.
        await WriteElsewhereAsync("s");
        await session.GetInfoAsync();

        Assert.False(await ends);
        await session.CreateAsync("after");
        await session.CreateAsync("after");
        var events = await watched;
        events.MustFollow(1);
        Assert.Equal(LogEventKind.Claimed, events[1].Kind);
    }

    [Fact]
    public async Task Watch_SilosComeOrGo_EndsSoThatWhoeverWatchesAsksAgain()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        var watched = forge.Follow(session).TakeAsync(2);
        await using var stream = session.WatchAsync(1, Cancel).WithBatchSize(1).GetAsyncEnumerator(Cancel);
        var ends = stream.MoveNextAsync().AsTask();
        await Watching.UntilAsync(() => forge.Service<OpenFeeds>().Count == 1);

        forge.Service<OpenFeeds>().SiloStatusChangeNotification(
            Orleans.Runtime.SiloAddress.New(System.Net.IPAddress.Loopback, 1, 1), Orleans.Runtime.SiloStatus.Dead);

        Assert.False(await ends);
        await session.CreateAsync("2");
        (await watched).MustFollow(1);
    }

    [Fact]
    public async Task Watch_PositionsThatAreMissing_IsAnErrorAndNoHole()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        for (var i = 1; i <= 6; i++)
        {
            await session.CreateAsync($"{i}");
        }

        await ExecuteAsync("DELETE FROM checkpoints WHERE sequence = 4");

        var told = new List<long>();
        var error = await Assert.ThrowsAsync<StateCorruptedException>(async () =>
        {
            await foreach (var happened in forge.Follow(session))
            {
                told.Add(happened.Position);
            }
        });
        Assert.Contains("positions 4 to 4", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], told);
        (await forge.Follow(session, 4).TakeAsync(2)).MustFollow(5);

        await ExecuteAsync("DELETE FROM checkpoints WHERE sequence = 6");
        Assert.Equal(5, Assert.Single(await forge.Follow(session, 4).TakeAsync(1)).Position);
        await Assert.ThrowsAsync<StateCorruptedException>(() => forge.Follow(session, 5).TakeAsync(1));
    }

    /// <summary>Changes the database behind the service's back.</summary>
    protected abstract Task ExecuteAsync(string sql);

    private async Task WriteElsewhereAsync(string session)
    {
        var address = History.HistoryRows.Address(session);
        var head = (await Store.Inner.Reads.ReadHeadAsync(address, Cancel))!.Head;
        var position = head.LastPosition + 1;
        var outcome = await Store.Inner.Commits.CommitAsync(
            new CommitBatch(Guid.NewGuid(), [new SessionCommit
            {
                Address = address,
                ExpectedVersion = head.Version,
                Head = head with { Version = head.Version + 1, LastPosition = position },
                Changes = [new Logged(new SessionEvent(position, SessionEventKind.Claimed, head.CreatedAt, 0, head.LastSequence, """{"epoch":9,"owner":"other"}"""))],
            }]),
            Cancel);
        Assert.Equal(CommitStatus.Committed, Assert.Single(outcome).Status);
    }

    private async Task<ForgeCluster> StartAsync(Action<ForgeOptions>? configure = null, TimeProvider? time = null)
    {
        var database = await NewDatabaseAsync();
        return await ForgeCluster.StartAsync(new ClusterSetup(1, options =>
        {
            database(options);
            options.Retention.SweepInterval = TimeSpan.FromDays(1);
            configure?.Invoke(options);
        })
        {
            Time = time,
            Decorate = inner =>
            {
                var scripted = new ScriptedHistoryStore(inner);
                _stores.Add(scripted);
                return scripted;
            },
        });
    }
}

public sealed class SqliteStreamFaults : StreamFaults, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    internal override Task<Action<ForgeOptions>> NewDatabaseAsync() => Task.FromResult(SqliteClusterFixture.On(_folder.Path));

    protected override async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "forge.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}

public sealed class PostgreSqlStreamFaults : StreamFaults, IAsyncDisposable
{
    private string? _database;

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
        }
    }

    internal override async Task<Action<ForgeOptions>> NewDatabaseAsync()
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        return PostgreSqlClusterFixture.On(_database);
    }

    protected override Task ExecuteAsync(string sql) => PostgreSqlServer.ExecuteAsync(_database!, sql);
}
