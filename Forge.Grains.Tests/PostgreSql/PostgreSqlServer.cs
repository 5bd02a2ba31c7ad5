using Forge.Testing.PostgreSql;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>
/// The PostgreSQL of tests: the one that <c>FORGE_TEST_POSTGRES</c> names (a connection string of a user who may create
/// databases), or a private one. Skips the test if there is none, except that it fails there if <c>CI</c> is <c>true</c>.
/// </summary>
public static class PostgreSqlServer
{
    private const string ServerVariable = "FORGE_TEST_POSTGRES";

    private static readonly Lazy<DatabaseServer?> SharedServer = new(() =>
        Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } named
            ? DatabaseServer.Named(named)
            : DatabaseServer.StartPrivate());

    /// <summary>The server that all tests of this process share; not to be stopped.</summary>
    public static DatabaseServer Shared => SharedServer.Value ?? throw Missing();

    /// <summary>A server of the test's own, to be stopped, killed and disposed of.</summary>
    /// <param name="settings">Settings of the server, <c>name=value</c>.</param>
    public static DatabaseServer StartPrivate(params string[] settings) => DatabaseServer.StartPrivate(settings) ?? throw Missing();

    /// <summary>A server of the test's own, on files that the test puts into its folder.</summary>
    /// <param name="prepare">Is told the folder, and answers settings.</param>
    public static DatabaseServer StartPrivate(Func<string, string[]> prepare) => DatabaseServer.StartPrivate(prepare) ?? throw Missing();

    /// <summary>Ends the shared server, if it was ever wanted.</summary>
    internal static void DisposeShared()
    {
        if (SharedServer.IsValueCreated)
        {
            SharedServer.Value?.Dispose();
        }
    }

    /// <summary>Runs a statement on a connection of its own.</summary>
    public static Task<object?> ExecuteAsync(string connectionString, string sql) =>
        DatabaseServer.ExecuteAsync(connectionString, sql);

    private static InvalidOperationException Missing()
    {
        const string reason =
            $"There is no PostgreSQL: install its server programs, or name a server in {ServerVariable}.";
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            return new InvalidOperationException(reason);
        }

        Assert.Skip(reason);
        return new InvalidOperationException(reason);
    }
}
