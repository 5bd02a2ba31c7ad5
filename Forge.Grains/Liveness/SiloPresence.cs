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
/// <param name="time">The clock by which a presence lasts.</param>
internal sealed class SiloPresence(string connectionString, string clusterId, SiloAddress self, TimeProvider time) : IAsyncDisposable
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
        WHERE pg_backend_pid() = $5
        """;

    // From here on the silo's absence means something.
    private const string Note =
        """
        UPDATE orleansmembershiptable SET haspresence = true
        WHERE deploymentid = $1 AND address = $2 AND port = $3 AND generation = $4
        """;

    // Who comes by the lock of a silo for the length of this statement has found it free. A silo that never held one, since
    // it runs an earlier version or got no connection, is left out, and so is one of before at the own endpoint, which is
    // Orleans' to clean up. Where a pooler lets silos share a server process, locks say nothing: nobody is absent then.
    private const string Absent =
        $"""
        WITH others AS MATERIALIZED (
            SELECT deploymentid, address, port, generation
            FROM orleansmembershiptable
            WHERE deploymentid = $1 AND status <> $4 AND haspresence AND NOT (address = $2 AND port = $3) AND pg_backend_pid() = $5
        )
        SELECT address, port, generation FROM others WHERE pg_try_advisory_xact_lock_shared({Key})
        """;

    private readonly string _connectionString = Describe(connectionString, self);
    private NpgsqlConnection? _connection;
    private long? _presentSince;

    /// <summary>How long this silo has been present without a break; zero if it is not.</summary>
    public TimeSpan PresentFor => _presentSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>True if the membership table says that this silo has a presence: others may take its absence for a sign.</summary>
    public bool IsNoted { get; private set; }

    /// <summary>
    /// Sees to it that this silo is present, and noted as such if the membership table has it. Then answers which others the
    /// table has, not as dead, that were present once and are not. One at a time.
    /// </summary>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public async Task<IReadOnlyList<SiloAddress>> FindAbsentAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await ConnectAsync(cancellationToken);
            if (_presentSince is null && await AppearAsync(connection, cancellationToken))
            {
                _presentSince = time.GetTimestamp();
            }

            IsNoted = IsNoted || (_presentSince is not null && await NoteAsync(connection, cancellationToken));
            return await ReadAbsentAsync(connection, cancellationToken);
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _presentSince = null;
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    private static string Describe(string connectionString, SiloAddress self)
    {
        var builder = ServerAddress.Of(connectionString);
        builder.ApplicationName = $"forge silo {self.Endpoint}";
        builder.Pooling = false;
        builder.Enlist = false;
        builder.Multiplexing = false;
        builder.Timeout = 5;
        builder.CommandTimeout = 5;
        builder.TcpKeepAlive = true;
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
        command.Parameters.Add(new() { Value = connection.ProcessID });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>False until this silo has joined the cluster.</summary>
    private async Task<bool> NoteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, Note);
        command.Parameters.Add(new() { Value = self.Generation });
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    private async Task<IReadOnlyList<SiloAddress>> ReadAbsentAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, Absent);
        command.Parameters.Add(new() { Value = (int)SiloStatus.Dead });
        command.Parameters.Add(new() { Value = connection.ProcessID });
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
