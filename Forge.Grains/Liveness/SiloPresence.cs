using System.Data;
using System.Net;
using Forge.Errors;
using Forge.History.PostgreSql;
using Npgsql;
using Orleans.Runtime;

namespace Forge.Grains.Liveness;

/// <summary>
/// This silo's presence at the database of the cluster: a lock under its address, held by a connection of its own. The
/// server lets go of it when the process dies, and within a few seconds when its machine does.
/// </summary>
/// <param name="connectionString">The database.</param>
/// <param name="clusterId">The cluster.</param>
/// <param name="self">The silo.</param>
internal sealed class SiloPresence(string connectionString, string clusterId, SiloAddress self) : IAsyncDisposable
{
    // The server asks a silent machine after a second, three times: its kernel answers, however busy the silo is.
    private const string Limits =
        "-c tcp_keepalives_idle=1 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3 -c tcp_user_timeout=4000 " +
        "-c statement_timeout=4000 -c jit=off";

    /// <summary>Of a silo, whose parts are the columns of the membership table. Never to be changed: silos of two versions meet.</summary>
    private const string Key =
        "hashtextextended('forge silo ' || deploymentid || ' ' || address || ':' || port || '@' || generation, 0)";

    private const string Appear =
        $"""
        SELECT pg_try_advisory_lock({Key})
        FROM (VALUES ($1::text, $2::text, $3::integer, $4::integer)) AS self (deploymentid, address, port, generation)
        """;

    // Who comes by the lock of a silo for the length of this statement has found it free. A silo of before at the own
    // endpoint is Orleans' to clean up.
    private const string Absent =
        $"""
        WITH others AS MATERIALIZED (
            SELECT deploymentid, address, port, generation
            FROM orleansmembershiptable
            WHERE deploymentid = $1 AND status <> $4 AND NOT (address = $2 AND port = $3)
        )
        SELECT address, port, generation FROM others WHERE pg_try_advisory_xact_lock_shared({Key})
        """;

    private readonly string _connectionString = Describe(connectionString, self);
    private NpgsqlConnection? _connection;
    private bool _isPresent;

    /// <summary>
    /// Sees to it that this silo is present, then answers which others the membership table has, not as dead, that are not.
    /// One at a time.
    /// </summary>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public async Task<IReadOnlyList<SiloAddress>> FindAbsentAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ConnectAsync(cancellationToken);
            _isPresent = _isPresent || await AppearAsync(connection, cancellationToken);
            return await ReadAbsentAsync(connection, cancellationToken);
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isPresent = false;
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private static string Describe(string connectionString, SiloAddress self)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = $"forge silo {self.Endpoint}",
            Pooling = false,
            Enlist = false,
            Multiplexing = false,
            Timeout = 5,
            CommandTimeout = 5,
            TcpKeepAlive = true,
        };
        builder.Options = $"{builder.Options} {Limits}".Trim();
        return builder.ConnectionString;
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_connection is { State: ConnectionState.Open } open)
        {
            return open;
        }

        // The lock went with the connection.
        await DisposeAsync();
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        return _connection = connection;
    }

    /// <summary>
    /// False for a moment in which another silo looks, and for as long as the server has not noticed that an earlier
    /// connection of this silo is gone: the silo is then present by that one.
    /// </summary>
    private async Task<bool> AppearAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, Appear);
        command.Parameters.Add(new() { Value = self.Generation });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private async Task<IReadOnlyList<SiloAddress>> ReadAbsentAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, Absent);
        command.Parameters.Add(new() { Value = (int)SiloStatus.Dead });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<SiloAddress> absent = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            absent.Add(SiloAddress.New(IPAddress.Parse(reader.GetString(0)), reader.GetInt32(1), reader.GetInt32(2)));
        }

        return absent;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql) => new(sql, connection)
    {
        Parameters =
        {
            new() { Value = clusterId },
            new() { Value = self.Endpoint.Address.ToString() },
            new() { Value = self.Endpoint.Port },
        },
    };
}
