using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Runs;
using Forge.Testing.PostgreSql;
using Npgsql;
using NpgsqlTypes;

namespace Forge.Benchmarks.Transcripts;

/// <summary>
/// The whole states in a table of a session, a step and bytes, in a database of its own, over one connection: what one would
/// write without Forge, and what the database makes of it.
/// </summary>
internal sealed class PlainTable : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _read;

    private PlainTable(NpgsqlConnection connection)
    {
        _connection = connection;
        _read = new NpgsqlCommand("SELECT state FROM states WHERE session = $1 AND step = $2", connection)
        {
            Parameters = { new NpgsqlParameter<long>(), new NpgsqlParameter<long>() },
        };
    }

    /// <summary>Makes the table.</summary>
    /// <param name="server">Where.</param>
    /// <param name="compressed">
    /// True to leave it to PostgreSQL to compress the states, as it does unless it is told not to; false for what is faster,
    /// in both directions.
    /// </param>
    public static async Task<PlainTable> CreateAsync(DatabaseServer server, bool compressed)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { WriteBufferSize = 64 * 1024, ReadBufferSize = 64 * 1024 }.ConnectionString);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand(
            $"""
            CREATE TABLE states (session bigint, step bigint, state bytea, PRIMARY KEY (session, step));
            ALTER TABLE states ALTER COLUMN state SET STORAGE {(compressed ? "EXTENDED" : "EXTERNAL")}
            """, connection);
        await create.ExecuteNonQueryAsync();
        var table = new PlainTable(connection);
        await table._read.PrepareAsync();
        return table;
    }

    /// <summary>Empties it.</summary>
    public async Task TruncateAsync()
    {
        await using var truncate = new NpgsqlCommand("TRUNCATE states", _connection);
        await truncate.ExecuteNonQueryAsync();
    }

    /// <summary>Writes all steps of one session durably, in one binary <c>COPY</c>.</summary>
    public async Task CopyAsync(long session, IReadOnlyList<byte[]> states)
    {
        await using var copy = await _connection.BeginBinaryImportAsync("COPY states (session, step, state) FROM STDIN (FORMAT binary)");
        for (var step = 0; step < states.Count; step++)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(session, NpgsqlDbType.Bigint);
            await copy.WriteAsync((long)step, NpgsqlDbType.Bigint);
            await copy.WriteAsync(states[step], NpgsqlDbType.Bytea);
        }

        await copy.CompleteAsync();
    }

    /// <summary>Reads one state.</summary>
    public async Task<byte[]> ReadAsync(long session, long step)
    {
        ((NpgsqlParameter<long>)_read.Parameters[0]).TypedValue = session;
        ((NpgsqlParameter<long>)_read.Parameters[1]).TypedValue = step;
        await using var reader = await _read.ExecuteReaderAsync();
        return await reader.ReadAsync()
            ? await reader.GetFieldValueAsync<byte[]>(0)
            : throw new ValidationException("transcript", $"step {step} of session {session} is not in the plain table");
    }

    public async ValueTask DisposeAsync()
    {
        await _read.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
