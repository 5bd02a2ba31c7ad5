using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.History.PostgreSql;
using Forge.History.Writing;
using Forge.Testing.PostgreSql;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Forge.Benchmarks.Baselines;

/// <summary>
/// Rows of the same bytes written straight into Forge's own table with all its indexes, in an own database: one connection,
/// one batch after another, each its own durable transaction. No sessions, no fences, no checksums made.
/// </summary>
internal abstract class PostgreSqlRawAppend(string name, DatabaseServer server, int sessions, StatePool states) : Side(name)
{
    /// <summary>What is the same in every row of a baseline.</summary>
    protected const string Constants = "'{}'::text[], 0::smallint, 'application/octet-stream', 0::smallint, false";

    protected const string Columns =
        "session_key, sequence, id, created_at, message, checksum, stored, position, parent_sequence, size, stored_size, " +
        "tags, trigger_kind, content_type, codec, trunk";

    private string? _database;
    private NpgsqlConnection? _connection;

    protected RawRows Rows { get; } = new(sessions, states);

    /// <summary>The connection that it writes with, for reads between two writes.</summary>
    public NpgsqlConnection Open => Connection;

    protected NpgsqlConnection Connection => _connection ?? throw new InvalidOperationException("It was not prepared.");

    public override async Task PrepareAsync()
    {
        _database = await server.CreateDatabaseAsync();
        await using (var store = new PostgreSqlHistoryStore(
            _database, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<PostgreSqlHistoryStore>.Instance))
        {
            await store.StartAsync(CancellationToken.None);
        }

        _connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_database)
        {
            WriteBufferSize = 64 * 1024,
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 2,
        }.ConnectionString);
        await _connection.OpenAsync();
        await PrepareStatementAsync();
    }

    public sealed override Task<double> RunAsync(TimeSpan duration) => Callers.RateAsync(1, duration, _ => WriteAsync());

    /// <summary>Writes one batch.</summary>
    public Task<int> WriteOneAsync() => WriteAsync();

    public override async Task ValidateAsync()
    {
        await using var count = new NpgsqlCommand("SELECT count(*) FROM checkpoints", Connection);
        if (await count.ExecuteScalarAsync() is not long found || found != Rows.Count)
        {
            throw new ValidationException(Name, $"the table has not the {Rows.Count} rows that were written");
        }

        await using var sample = new NpgsqlCommand("SELECT message, stored FROM checkpoints ORDER BY sequence DESC LIMIT 20", Connection);
        await using var reader = await sample.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            if (!states.Matches(reader.GetString(0), await reader.GetFieldValueAsync<byte[]>(1)))
            {
                throw new ValidationException(Name, $"'{reader.GetString(0)}' has other bytes than were written");
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected virtual Task PrepareStatementAsync() => Task.CompletedTask;

    /// <summary>Writes a batch durably and says how many rows it had.</summary>
    protected abstract Task<int> WriteAsync();
}
