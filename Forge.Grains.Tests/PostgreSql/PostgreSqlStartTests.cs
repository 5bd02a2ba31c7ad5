using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Liveness;
using Forge.Grains.Tests.History;
using Forge.Grains.Tests.Sessions;
using Forge.History.PostgreSql;
using Forge.History.Stores;
using Forge.History.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Forge.Grains.Tests.PostgreSql;

public sealed class PostgreSqlStartTests : PostgreSqlStoreTest
{
    [Fact]
    public async Task Start_SeveralAtOnceOnAnEmptyDatabase_AllSucceedAndMigrateOnce()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var stores = Enumerable.Range(0, 4).Select(_ => NewStore(database)).ToList();

        await Task.WhenAll(stores.Select(s => Task.Run(() => s.StartAsync(Cancel), Cancel)));

        var scripts = typeof(IHistoryStore).Assembly.GetManifestResourceNames().LongCount(
            name => name.Contains(".History.PostgreSql.Migrations.", StringComparison.Ordinal));
        Assert.Equal(scripts, await PostgreSqlServer.ExecuteAsync(database, "SELECT count(*) FROM schema_scripts"));
        await Session(stores[0], "s").CreateAsync(HistoryRows.Checkpoint(1));
        Assert.Equal([1], await SequencesAsync(stores[3], HistoryRows.Address("s")));
    }

    [Fact]
    public async Task Start_Again_KeepsWhatIsThere()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await Session(await StartStoreAsync(database), "s").CreateAsync(HistoryRows.Checkpoint(1));

        var second = await StartStoreAsync(database);

        Assert.Equal([1], await SequencesAsync(second, HistoryRows.Address("s")));
    }

    [Fact]
    public async Task Start_SchemaOfANewerForge_IsRefused()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await StartStoreAsync(database);
        var written = await PostgreSqlServer.ExecuteAsync(database, "SELECT level FROM schema_level");
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE schema_level SET level = 99, oldest_level = 98");

        var error = await Assert.ThrowsAsync<SchemaTooNewException>(() => NewStore(database).StartAsync(Cancel));

        Assert.Equal((98, (int)written!), (error.Oldest, error.Known));
    }

    [Fact]
    public async Task Start_SchemaThatGrewButServesOlderOnes_IsTaken()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await StartStoreAsync(database);
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE schema_level SET level = 99, oldest_level = 1");

        await StartStoreAsync(database);
    }

    [Fact]
    public async Task Commit_NewerForgeRaisesTheLevelBesideARunningStore_WritesNothingAndSaysWhy()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var (old, other) = (await StartStoreAsync(database), await StartStoreAsync(database));
        var (session, neighbour) = (Session(old, "s"), Session(other, "other"));
        await session.CreateAsync(HistoryRows.Checkpoint(1));
        await neighbour.CreateAsync(HistoryRows.Checkpoint(1));
        var next = await session.NextAsync(HistoryRows.Checkpoint(2));

        // A script that is under way, as the newer one would run it.
        await using var newer = new Npgsql.NpgsqlConnection(database);
        await newer.OpenAsync(Cancel);
        await using var script = await newer.BeginTransactionAsync(Cancel);
        await ExecuteAsync("SELECT raise_level(99, 98)");
        await Assert.ThrowsAnyAsync<Exception>(() => old.Commits.CommitAsync(SessionScript.Batch(next), Cancel));
        await ExecuteAsync("ALTER TABLE sessions ADD COLUMN later bigint NOT NULL DEFAULT 1");
        await script.CommitAsync(Cancel);

        // On a connection that was ended under it.
        await Assert.ThrowsAnyAsync<Exception>(() => other.Commits.CommitAsync(SessionScript.Batch(next), Cancel));
        foreach (var store in new[] { old, other })
        {
            var error = await Assert.ThrowsAsync<UnavailableException>(() => store.Commits.CommitAsync(SessionScript.Batch(next), Cancel));
            Assert.IsType<SchemaTooNewException>(error.InnerException!.InnerException);
            await Assert.ThrowsAsync<UnavailableException>(() => store.PingAsync(Cancel));
            await Assert.ThrowsAsync<UnavailableException>(() => store.Upkeep.BeginWalkAsync(HistoryRows.Start, Cancel));
        }

        Assert.Equal(2L, await PostgreSqlServer.ExecuteAsync(database, "SELECT count(*) FROM checkpoints"));
        Assert.Equal(1L, await PostgreSqlServer.ExecuteAsync(database, "SELECT max(version) FROM sessions"));

        async Task ExecuteAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, newer, script);
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }

    [Fact]
    public async Task Start_AnotherRaisesTheLevelMeanwhile_WaitsForItAndStarts()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await StartStoreAsync(database);
        var level = (int)(await PostgreSqlServer.ExecuteAsync(database, "SELECT level FROM schema_level"))!;
        await using var newer = new Npgsql.NpgsqlConnection(
            new Npgsql.NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await newer.OpenAsync(Cancel);
        await ExecuteAsync($"SELECT pg_advisory_lock({0x666F726765})");
        var starting = NewStore(database).StartAsync(Cancel);
        await WaitForBackendAsync(database, "advisory");

        // Nor is it ended on the way to its turn: nothing of it has the name by which silos that write are.
        Assert.Equal(0L, await PostgreSqlServer.ExecuteAsync(
            database, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'forge %'"));
        await ExecuteAsync($"BEGIN; SELECT raise_level({level}, {level}); COMMIT; SELECT pg_advisory_unlock({0x666F726765})");

        await starting;

        async Task ExecuteAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, newer);
            await command.ExecuteNonQueryAsync(Cancel);
        }
    }

    [Fact]
    public async Task Start_MigrationBehindALongTransaction_LetsOthersThroughAndSaysWhatItWaitsFor()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await StartStoreAsync(database);

        // As before the script that adds the column.
        await PostgreSqlServer.ExecuteAsync(database, """
            DELETE FROM schema_scripts WHERE scriptname LIKE '%.0005_put_off.sql';
            ALTER TABLE due_work DROP COLUMN failures;
            ALTER TABLE verification DROP COLUMN unreadable, DROP COLUMN done_unreadable;
            """);
        await using var reader = new Npgsql.NpgsqlConnection(
            new Npgsql.NpgsqlConnectionStringBuilder(database) { ApplicationName = "a backup" }.ConnectionString);
        await reader.OpenAsync(Cancel);
        await using var held = await reader.BeginTransactionAsync(Cancel);
        await using (var look = new Npgsql.NpgsqlCommand("SELECT count(*) FROM due_work", reader, held))
        {
            await look.ExecuteScalarAsync(Cancel);
        }

        var log = new MigrationLog();
        await using var store = new PostgreSqlHistoryStore(database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, log);
        var starting = store.StartAsync(Cancel);
        await WaitForBackendAsync(database, "relation");

        // It stands behind the script, and the script behind the reader.
        await PostgreSqlServer.ExecuteAsync(
            database, "SET lock_timeout = '20s'; INSERT INTO due_work (kind, session_key, due_at) VALUES (5, 77, now())");
        await log.Waiting.Task.WaitAsync(Cancel);
        Assert.False(starting.IsCompleted);
        await held.CommitAsync(Cancel);
        await starting;

        var told = await log.Waiting.Task;
        Assert.Contains("0005_put_off.sql", told, StringComparison.Ordinal);
        Assert.Contains("a backup", told, StringComparison.Ordinal);
        Assert.Contains("due_work", told, StringComparison.Ordinal);
        Assert.Equal(0, await PostgreSqlServer.ExecuteAsync(database, "SELECT failures FROM due_work WHERE session_key = 77"));
    }

    [Fact]
    public async Task Commit_NewerForgeAddsALevelThatOlderOnesMayWriteTo_GoesOn()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var old = await StartStoreAsync(database);
        var session = Session(old, "s");
        await session.CreateAsync(HistoryRows.Checkpoint(1));

        await PostgreSqlServer.ExecuteAsync(database, """
            ALTER TABLE sessions ADD COLUMN later bigint NOT NULL DEFAULT 1; UPDATE schema_level SET level = 99
            """);
        var second = await StartStoreAsync(database);

        await session.CreateAsync(HistoryRows.Checkpoint(2));
        await Session(second, "other").CreateAsync(HistoryRows.Checkpoint(1));
        Assert.Equal([2, 1], await SequencesAsync(second, session.Address));
    }

    [Fact]
    public async Task Start_Standby_IsRefusedAndOfSeveralHostsThePrimaryIsTaken()
    {
        await using var standby = PostgreSqlServer.StartPrivate();
        var behind = await standby.CreateDatabaseAsync();
        standby.Kill();
        standby.StartAsStandby();
        var primary = await PostgreSqlServer.Shared.CreateDatabaseAsync();

        var error = await Assert.ThrowsAsync<UnavailableException>(() => NewStore(behind).StartAsync(Cancel));

        Assert.Contains("standby", error.Message, StringComparison.Ordinal);
        var (first, second) = (new Npgsql.NpgsqlConnectionStringBuilder(behind), new Npgsql.NpgsqlConnectionStringBuilder(primary));
        var both = new Npgsql.NpgsqlConnectionStringBuilder(primary) { Host = $"{first.Host}:{first.Port},{second.Host}:{second.Port}" };
        var store = await StartStoreAsync(both.ConnectionString);
        await Session(store, "s").CreateAsync(HistoryRows.Checkpoint(1));
        Assert.Equal([1], await SequencesAsync(store, HistoryRows.Address("s")));

        // All else of a silo that connects: Orleans' storage and clustering, and the silo's presence.
        await using var forge = await ForgeCluster.StartAsync(new ClusterSetup(1, PostgreSqlClusterFixture.On(both.ConnectionString)));
        await forge.Tenant("t").SetSettingsAsync(new() { MaxStateBytes = 77 });
        Assert.Equal(77, (await forge.Tenant("t").GetSettingsAsync()).MaxStateBytes);
        Assert.Equal(1L, await PostgreSqlServer.ExecuteAsync(primary, "SELECT count(*) FROM orleansstorage"));
        var silo = Orleans.Runtime.SiloAddress.New(System.Net.IPAddress.Loopback, 11111, 1);
        await using var presence = new SiloPresence(both.ConnectionString, "c", silo, TimeProvider.System);
        await presence.FindAbsentAsync(Cancel);
        Assert.Equal(1L, await PostgreSqlServer.ExecuteAsync(
            primary, $"SELECT count(*) FROM pg_stat_activity WHERE application_name = 'forge silo {silo.Endpoint}'"));
        var host = new HostApplicationBuilder();
        host.UseOrleans(builder => builder.AddForge(PostgreSqlClusterFixture.On(both.ConnectionString)));
        using var made = host.Build();
        Assert.Equal(
            "primary",
            new Npgsql.NpgsqlConnectionStringBuilder(
                made.Services.GetRequiredService<IOptions<AdoNetClusteringSiloOptions>>().Value.ConnectionString).TargetSessionAttributes);
    }

    [Theory]
    [InlineData(PoolerKind.RefusesOptions)]
    [InlineData(PoolerKind.DropsOptions)]
    [InlineData(PoolerKind.SharesProcesses)]
    [InlineData(PoolerKind.SwitchesProcesses)]
    public async Task Start_PoolerInBetween_IsRefusedByASentenceThatSaysSo(PoolerKind kind)
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using var pooler = new FakePooler(database, kind);

        var error = await Assert.ThrowsAsync<UnavailableException>(() => NewStore(pooler.ConnectionString).StartAsync(Cancel));

        Assert.Contains("pooler", error.Message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings:Forge", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ProxyThatOnlyPassesOn_IsTaken()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await using var proxy = new FakePooler(database, PoolerKind.None);
        var store = await StartStoreAsync(proxy.ConnectionString);

        await Session(store, "s").CreateAsync(HistoryRows.Checkpoint(1));
    }

    [Fact]
    public async Task Start_FsyncOff_IsRefusedUnlessAllowed()
    {
        await using var server = PostgreSqlServer.StartPrivate("fsync=off");
        var database = await server.CreateDatabaseAsync();

        var error = await Assert.ThrowsAsync<UnsafeDurabilityException>(() => NewStore(database).StartAsync(Cancel));

        Assert.Equal(("fsync", "off"), (error.Setting, error.Value));
        var store = NewStore(database, allowUnsafeDurability: true);
        await store.StartAsync(Cancel);
        await Session(store, "s").CreateAsync(HistoryRows.Checkpoint(1));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Start_DatabaseWithoutSynchronousCommit_CommitsSynchronouslyAllTheSame()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        var name = new Npgsql.NpgsqlConnectionStringBuilder(database).Database;
        await PostgreSqlServer.ExecuteAsync(database, $"ALTER DATABASE {name} SET synchronous_commit = off");
        var store = await StartStoreAsync(database);

        // What the connection that commits has, as the row that it wrote tells.
        await PostgreSqlServer.ExecuteAsync(database, """
            CREATE FUNCTION note_setting() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN new.message = current_setting('synchronous_commit'); RETURN new; END $$;
            CREATE TRIGGER note_setting BEFORE INSERT ON checkpoints FOR EACH ROW EXECUTE FUNCTION note_setting();
            """);
        await Session(store, "s").CreateAsync(HistoryRows.Checkpoint(1));

        Assert.Equal("off", await PostgreSqlServer.ExecuteAsync(database, "SHOW synchronous_commit"));
        Assert.Equal("on", await PostgreSqlServer.ExecuteAsync(database, "SELECT message FROM checkpoints"));
    }

    [Fact]
    public async Task Start_ServerThatIsNotThere_IsUnavailable()
    {
        await using var server = PostgreSqlServer.StartPrivate();
        var database = await server.CreateDatabaseAsync();
        server.Kill();

        await Assert.ThrowsAsync<UnavailableException>(() => NewStore(database).StartAsync(Cancel));
    }

    /// <summary>Takes what is said of a migration that waits.</summary>
    private sealed class MigrationLog : ILogger<PostgreSqlHistoryStore>
    {
        public TaskCompletionSource<string> Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning && formatter(state, exception).Contains("waits", StringComparison.Ordinal))
            {
                Waiting.TrySetResult(formatter(state, exception));
            }
        }
    }
}
