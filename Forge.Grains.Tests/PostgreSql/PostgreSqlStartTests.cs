using Forge.Errors;
using Forge.Grains.Tests.History;
using Forge.History.Stores;

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
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE schema_level SET level = 9, oldest_level = 7");

        var error = await Assert.ThrowsAsync<SchemaTooNewException>(() => NewStore(database).StartAsync(Cancel));

        Assert.Equal(7, error.Oldest);
    }

    [Fact]
    public async Task Start_SchemaThatGrewButServesOlderOnes_IsTaken()
    {
        var database = await PostgreSqlServer.Shared.CreateDatabaseAsync();
        await StartStoreAsync(database);
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE schema_level SET level = 9, oldest_level = 1");

        await StartStoreAsync(database);
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
}
