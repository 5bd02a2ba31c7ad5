using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Rules;
using Forge.Grains.Tests.Sessions;
using Forge.Integrity;
using Microsoft.Data.Sqlite;

namespace Forge.Grains.Tests.Sqlite;

/// <summary>One silo on an embedded database.</summary>
public sealed class SqliteClusterFixture : ClusterFixture
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.Path;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }

    internal override Task<ClusterSetup> PrepareAsync() => Task.FromResult(new ClusterSetup(1, On(Folder)));

    internal static Action<ForgeOptions> On(string folder) =>
        options => (options.Database, options.Data) = (ForgeDatabase.Sqlite, folder);
}

public sealed class SqliteSessionBehaviours(SqliteClusterFixture fixture)
    : SessionBehaviours(fixture), IClassFixture<SqliteClusterFixture>;

public sealed class SqliteSessionContract(SqliteClusterFixture fixture)
    : SessionContract(fixture), IClassFixture<SqliteClusterFixture>;

public sealed class SqliteSessionIntegrity(SqliteClusterFixture fixture)
    : SessionIntegrity(fixture), IClassFixture<SqliteClusterFixture>
{
    /// <summary>Numbers that the columns of the other database cannot have.</summary>
    [Theory]
    [InlineData("write_index = 3000000000")]
    [InlineData("write_index = -3000000000")]
    [InlineData("size = 3000000000")]
    public async Task Session_NumberOfAWriteIsOutOfBounds_GoesOnWithoutIt(string damage)
    {
        var (session, copy) = (await MakeWritesAsync(), fixture.Cluster.Session(Make.Id()));
        await fixture.Cluster.EndActivationsAsync();
        await ExecuteAsync($"UPDATE pending_writes SET {damage} WHERE task = 'b' AND sequence = 2 AND session_key = " +
            $"(SELECT session_key FROM sessions WHERE session = '{session.GetPrimaryKeyString().Split('/')[2]}')");

        Assert.Equal(4, (await session.CreateAsync("4")).Sequence);
        await session.WriteAsync(3, "y");

        Assert.Equal(["x/0=1", "y/0=1"], await session.WritesOfAsync(3));
        var error = await Assert.ThrowsAsync<StateCorruptedException>(() => session.ListWritesAsync(2));
        Assert.Equal(2, error.Sequence);
        Assert.Contains("of task b: its row cannot be read", error.Problem, StringComparison.Ordinal);
        Assert.Contains((await session.VerifyOnceAsync()).Damages, d => d is { Kind: DamageKind.Write, Sequence: 2 });
        await Assert.ThrowsAsync<StateCorruptedException>(() => session.ExportAllAsync());
        await copy.ImportAllAsync(await ExportSoundAsync(session));
        Assert.Equal(["a/0=1"], await copy.WritesOfAsync(2));
        Assert.Equal(["x/0=1", "y/0=1"], await copy.WritesOfAsync(3));
    }

    protected override async Task ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(fixture.Folder, "forge.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    protected override string Bytes(byte[] bytes) => $"x'{Convert.ToHexString(bytes)}'";
}

public sealed class SqliteSessionFaults : SessionFaults, IDisposable
{
    private readonly List<TemporaryFolder> _folders = [];

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folders.ForEach(f => f.Dispose());
    }

    internal override Task<Action<ForgeOptions>> NewDatabaseAsync()
    {
        _folders.Add(new TemporaryFolder());
        return Task.FromResult(SqliteClusterFixture.On(_folders[^1].Path));
    }
}
