using System.Globalization;
using System.Net;
using Forge.Grains.Hosting;
using Forge.Testing.Files;
using Npgsql;

namespace Forge.Testing.PostgreSql;

/// <summary>
/// A PostgreSQL server: one that somebody else runs, or a private one from the installed programs, on a free port of the
/// loopback address, gone with all it holds when it is disposed of or the process ends.
/// </summary>
public sealed class DatabaseServer : IDisposable, IAsyncDisposable
{
    private const string User = "forge";

    private readonly string _connectionString;
    private readonly Lock _lock = new();
    private readonly PostgreSqlBinaries? _binaries;
    private readonly TemporaryFolder? _folder;
    private readonly PortReservation? _port;
    private readonly string _settings = "";
    private bool _disposed;

    private DatabaseServer(string connectionString) => _connectionString = connectionString;

    private DatabaseServer(PostgreSqlBinaries binaries, bool settles, Func<string, string[]> prepare)
    {
        _binaries = binaries;
        _folder = new TemporaryFolder();
        _port = PortReservation.Take(IPAddress.Loopback);
        _connectionString = $"Host=127.0.0.1;Port={_port.Port};Username={User};Database=postgres";

        var settings = prepare(_folder.Path);

        // A crash of this process must leave no shared memory and no socket behind but in the folder.
        string[] all =
        [
            $"port={_port.Port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={_folder.Path}", "max_connections=300",
            "shared_buffers=32MB", .. settings,
        ];
        _settings = string.Join(' ', all.Select(s => $"-c {s}"));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        try
        {
            binaries.GiveAway(_folder.Path);
            binaries.Run(
                "initdb", ["-D", Data, "-A", "trust", "-U", User, "-E", "UTF8", "--no-locale", .. settles ? Array.Empty<string>() : ["--no-sync"]]);
            Start();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The process of a private server that runs; its children do the work.</summary>
    public int ProcessId => int.Parse(File.ReadLines(PidFile).First(), CultureInfo.InvariantCulture);

    private string Data => Path.Combine(_folder!.Path, "data");

    private string PidFile => Path.Combine(Data, "postmaster.pid");

    /// <summary>The server of a connection string, whose user may create databases.</summary>
    public static DatabaseServer Named(string connectionString) => new(connectionString);

    /// <summary>Starts a private server; null if no programs are installed.</summary>
    /// <param name="settings">Settings of the server, <c>name=value</c>; the last one of a name counts.</param>
    /// <exception cref="InvalidOperationException">The programs fail.</exception>
    public static DatabaseServer? StartPrivate(params string[] settings) =>
        PostgreSqlBinaries.Find() is { } binaries ? new DatabaseServer(binaries, settles: false, _ => settings) : null;

    /// <summary>Starts a private server on files of its own; null if no programs are installed.</summary>
    /// <param name="prepare">Is told the folder of the server, puts files there that its user is to own, and answers settings.</param>
    /// <exception cref="InvalidOperationException">The programs fail.</exception>
    public static DatabaseServer? StartPrivate(Func<string, string[]> prepare) =>
        PostgreSqlBinaries.Find() is { } binaries ? new DatabaseServer(binaries, settles: false, prepare) : null;

    /// <summary>
    /// The same, with all that the server begins with on the disk: what is written to it at first waits for nothing that was left over.
    /// </summary>
    /// <param name="settings">Settings of the server, <c>name=value</c>; the last one of a name counts.</param>
    /// <exception cref="InvalidOperationException">The programs fail.</exception>
    public static DatabaseServer? StartSettled(params string[] settings) =>
        PostgreSqlBinaries.Find() is { } binaries ? new DatabaseServer(binaries, settles: true, _ => settings) : null;

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
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>Runs a program for clients of an installed PostgreSQL, as <c>pg_dump</c>, to its end.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="folder">A folder that it works in; it is given to the user whom private servers run as, who runs this too.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>False if it is not installed.</returns>
    /// <exception cref="InvalidOperationException">It fails.</exception>
    public static bool TryRunClient(string program, string folder, params string[] arguments)
    {
        if (PostgreSqlBinaries.Find() is not { } binaries || !binaries.Has(program))
        {
            return false;
        }

        binaries.GiveAway(folder);
        binaries.Run(program, arguments);
        return true;
    }

    /// <summary>Ends a private server at once, as a crash would.</summary>
    public void Kill() => Control("stop", "-m", "immediate");

    /// <summary>Starts a private server that was ended.</summary>
    public void Start() => Control("start", "-w", "-l", Path.Combine(_folder!.Path, "log"), "-o", _settings);

    /// <summary>Starts a private server that was ended as a standby, which has no primary to follow.</summary>
    public void StartAsStandby()
    {
        File.WriteAllText(Path.Combine(Data, "standby.signal"), "");
        Start();
    }

    /// <summary>Ends a private server and removes what it left.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed || _binaries is null)
            {
                return;
            }

            _disposed = true;
            if (File.Exists(PidFile))
            {
                Kill();
            }

            _folder!.Dispose();
            _port!.Dispose();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Control(string action, params string[] arguments)
    {
        var binaries = _binaries ?? throw new InvalidOperationException($"The server is somebody else's: it is not there to {action}.");
        binaries.Run("pg_ctl", [action, "-D", Data, "-t", "50", .. arguments]);
    }
}
