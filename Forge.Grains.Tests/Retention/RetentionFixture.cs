using Forge.Grains.Hosting;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.Grains.Tests.PostgreSql;
using Forge.Grains.Tests.Sessions;
using Forge.Grains.Tests.Sqlite;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Data.Sqlite;

namespace Forge.Grains.Tests.Retention;

/// <summary>A cluster whose sweeps and whose clock are driven by hand.</summary>
public abstract class RetentionFixture : ClusterFixture
{
    private readonly ShiftedTime _time = new();

    /// <summary>How long after a create its session's policy is applied.</summary>
    public static TimeSpan Interval { get; } = new RetentionOptions().PolicyInterval;

    internal IHistoryStore Store => Cluster.Service<IHistoryStore>();

    internal TimeProvider Time => _time;

    /// <summary>How many rows of a session are in a table.</summary>
    public abstract Task<long> CountAsync(string table, long key);

    /// <summary>Runs a statement past the service.</summary>
    public abstract Task ExecuteAsync(string statement);

    /// <summary>
    /// Waits until nobody at the database is in a transaction that began before now: a feed tells nothing that was committed beside one, and
    /// other tests have theirs in the same server.
    /// </summary>
    public virtual Task SettleAsync() => Task.CompletedTask;

    public void Advance(TimeSpan time) => _time.Advance(time);

    /// <summary>Lets time pass and has one silo do what is due then.</summary>
    public Task SweepAfterAsync(TimeSpan time)
    {
        Advance(time);
        return Cluster.SweepAsync();
    }

    internal async Task<long> KeyAsync(ISessionGrain session) => (await Store.Reads.ReadHeadAsync(
        SessionAddress.ParseGrainKey(session.GetPrimaryKeyString()), TestContext.Current.CancellationToken))!.Head.Key;

    internal override async Task<ClusterSetup> PrepareAsync()
    {
        var (silos, database) = await PrepareDatabaseAsync();
        return new ClusterSetup(silos, options =>
        {
            database(options);
            options.Retention.SweepInterval = TimeSpan.FromDays(1);
            options.Retention.EventCount = 5;
        })
        {
            Time = _time,
        };
    }

    internal abstract Task<(int Silos, Action<ForgeOptions> Database)> PrepareDatabaseAsync();
}

public sealed class SqliteRetentionFixture : RetentionFixture
{
    private readonly TemporaryFolder _folder = new();

    public override async Task ExecuteAsync(string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "forge.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync();
    }

    public override async Task<long> CountAsync(string table, long key)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, "forge.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table} WHERE session_key = {key}";
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    internal override Task<(int Silos, Action<ForgeOptions> Database)> PrepareDatabaseAsync() =>
        Task.FromResult((1, SqliteClusterFixture.On(_folder.Path)));
}

public sealed class PostgreSqlRetentionFixture : RetentionFixture
{
    private string? _database;

    public override Task ExecuteAsync(string statement) => PostgreSqlServer.ExecuteAsync(_database!, statement);

    /// <inheritdoc/>
    public override async Task SettleAsync()
    {
        var reached = (string)(await PostgreSqlServer.ExecuteAsync(_database!, "SELECT pg_current_xact_id()::text"))!;
        while (await PostgreSqlServer.ExecuteAsync(
            _database!, $"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > {reached}") is not true)
        {
        }
    }

    public override async Task<long> CountAsync(string table, long key) => (long)(await PostgreSqlServer.ExecuteAsync(
        _database!, $"SELECT count(*) FROM {table} WHERE session_key = {key}"))!;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
        {
            await PostgreSqlServer.Shared.DropDatabaseAsync(_database);
        }
    }

    internal override async Task<(int Silos, Action<ForgeOptions> Database)> PrepareDatabaseAsync()
    {
        _database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        return (2, PostgreSqlClusterFixture.On(_database));
    }
}
