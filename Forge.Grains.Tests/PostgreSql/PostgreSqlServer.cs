using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Forge.Grains.Tests.PostgreSql;

/// <summary>
/// A PostgreSQL for tests: the one that <c>FORGE_TEST_POSTGRES</c> names (a connection string of a user who may create
/// databases), or a private one from the installed programs, on a free port of the loopback address, gone at the end.
/// </summary>
public sealed class PostgreSqlServer : IAsyncDisposable
{
    private const string ServerVariable = "FORGE_TEST_POSTGRES";
    private const string User = "forge";

    private static readonly Lazy<PostgreSqlServer?> SharedServer = new(CreateShared);

    private readonly PostgreSqlBinaries? _binaries;
    private readonly string _folder;
    private readonly string _connectionString;
    private readonly string _settings;
    private bool _disposed;

    private PostgreSqlServer(string connectionString) => (_connectionString, _folder, _settings) = (connectionString, "", "");

    private PostgreSqlServer(PostgreSqlBinaries binaries, string[] settings)
    {
        var port = FreePort();
        _binaries = binaries;
        _folder = Directory.CreateTempSubdirectory("forge-pg-").FullName;
        _connectionString = $"Host=127.0.0.1;Port={port};Username={User};Database=postgres";

        // A crash of the test process must leave no shared memory and no socket behind but in the folder.
        string[] all =
        [
            $"port={port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={_folder}", "max_connections=300",
            "shared_buffers=32MB", .. settings,
        ];
        _settings = string.Join(' ', all.Select(s => $"-c {s}"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove();
        try
        {
            binaries.GiveAway(_folder);
            binaries.Run("initdb", "-D", Data, "-A", "trust", "-U", User, "-E", "UTF8", "--no-locale", "--no-sync");
            Start();
        }
        catch
        {
            Remove();
            throw;
        }
    }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>
    /// The server that all tests of this process share; not to be stopped. Skips the test where there is no PostgreSQL,
    /// except that it fails there where <c>CI</c> is <c>true</c>.
    /// </summary>
    public static PostgreSqlServer Shared => SharedServer.Value ?? throw Missing();

    /// <summary>
    /// A server of the test's own, to be stopped, killed and disposed of. Skips the test where no programs are installed.
    /// </summary>
    /// <param name="settings">Settings of the server, <c>name=value</c>.</param>
    public static PostgreSqlServer StartPrivate(params string[] settings) =>
        PostgreSqlBinaries.Find() is { } binaries ? new PostgreSqlServer(binaries, settings) : throw Missing();

    /// <summary>Ends the shared server, where it was ever wanted.</summary>
    internal static void DisposeShared()
    {
        if (SharedServer.IsValueCreated)
        {
            SharedServer.Value?.Remove();
        }
    }

    /// <summary>Makes an empty database and says how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"forge_test_{Guid.NewGuid():N}";
        await ExecuteAsync(_connectionString, $"CREATE DATABASE {name}");
        return new NpgsqlConnectionStringBuilder(_connectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Removes a database with whatever is connected to it.</summary>
    public async Task DropDatabaseAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await ExecuteAsync(_connectionString, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    }

    /// <summary>Runs a statement on a connection of its own.</summary>
    public static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends a private server at once, as a crash would.</summary>
    public void Kill() => Control("stop", "-m", "immediate");

    /// <summary>Starts a private server that was ended.</summary>
    public void Start() =>
        Control("start", "-w", "-l", Path.Combine(_folder, "log"), "-o", _settings);

    /// <summary>Ends a private server and removes what it left.</summary>
    public ValueTask DisposeAsync()
    {
        Remove();
        return ValueTask.CompletedTask;
    }

    private static PostgreSqlServer? CreateShared() =>
        Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } named ? new PostgreSqlServer(named)
        : PostgreSqlBinaries.Find() is { } binaries ? new PostgreSqlServer(binaries, [])
        : null;

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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Control(string action, params string[] arguments)
    {
        var binaries = _binaries
            ?? throw new InvalidOperationException($"The server of {ServerVariable} is not this test's to {action}.");
        binaries.Run("pg_ctl", [action, "-D", Data, "-t", "50", .. arguments]);
    }

    private void Remove()
    {
        lock (_settings)
        {
            if (_disposed || _binaries is null)
            {
                return;
            }

            _disposed = true;
            if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            {
                Kill();
            }

            Directory.Delete(_folder, recursive: true);
        }
    }
}
