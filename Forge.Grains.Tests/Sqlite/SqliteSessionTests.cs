using Forge.Grains.Hosting;
using Forge.Grains.Rules;
using Forge.Grains.Tests.Sessions;
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
