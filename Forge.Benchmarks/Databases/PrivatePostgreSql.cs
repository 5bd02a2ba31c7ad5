using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Forge.Grains.Tests.PostgreSql;
using Npgsql;

namespace Forge.Benchmarks.Databases;

/// <summary>
/// A PostgreSQL of the benchmark's own, from the installed programs, on a free port of the loopback address: fully
/// durable, with the few settings that a server of this size would have. Gone when it is disposed of.
/// </summary>
internal sealed class PrivatePostgreSql : IDisposable
{
    /// <summary>The settings that differ from the defaults. The docs repeat them.</summary>
    private static readonly string[] Settings =
    [
        "fsync=on", "synchronous_commit=on", "full_page_writes=on", "autovacuum=on", "shared_buffers=1GB", "max_wal_size=4GB",
        "checkpoint_timeout=15min", "max_connections=300",
    ];

    private readonly PostgreSqlBinaries _binaries;
    private readonly string _folder;
    private readonly string _connectionString;
    private int _databases;

    private PrivatePostgreSql(PostgreSqlBinaries binaries, string[] more)
    {
        _binaries = binaries;
        _folder = Directory.CreateTempSubdirectory("forge-bench-pg-").FullName;
        var port = FreePort();
        _connectionString = $"Host=127.0.0.1;Port={port};Username=forge;Database=postgres";
        string[] settings = [.. Settings, .. more, $"port={port}", "listen_addresses=127.0.0.1", $"unix_socket_directories={_folder}"];
        try
        {
            binaries.GiveAway(_folder);
            binaries.Run("initdb", "-D", Data, "-A", "trust", "-U", "forge", "-E", "UTF8", "--no-locale");
            binaries.Run(
                "pg_ctl", "start", "-w", "-D", Data, "-l", Path.Combine(_folder, "log"), "-o",
                string.Join(' ', settings.Select(s => $"-c {s}")));
        }
        catch
        {
            Dispose();
            throw;
        }

        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    /// <summary>The processor time that the server's processes have used; null where the system does not tell.</summary>
    public TimeSpan? ProcessorTime =>
        ProcessTree.ProcessorTime(int.Parse(File.ReadLines(PidFile).First(), CultureInfo.InvariantCulture));

    private string Data => Path.Combine(_folder, "data");

    private string PidFile => Path.Combine(Data, "postmaster.pid");

    /// <param name="settings">Further settings, <c>name=value</c>.</param>
    /// <exception cref="InvalidOperationException">There are no programs, or they fail.</exception>
    public static PrivatePostgreSql Start(params string[] settings) => new(
        PostgreSqlBinaries.Find() ?? throw new InvalidOperationException("There is no PostgreSQL here: install its server programs."),
        settings);

    /// <summary>Makes an empty database and says how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"bench_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(_connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_connectionString) { Database = name }.ConnectionString;
    }

    public void Dispose()
    {
        lock (_binaries)
        {
            if (File.Exists(PidFile))
            {
                _binaries.Run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", Data);
            }

            if (Directory.Exists(_folder))
            {
                Directory.Delete(_folder, recursive: true);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
