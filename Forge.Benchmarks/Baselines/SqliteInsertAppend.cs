using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.History.Sqlite;
using Forge.History.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Forge.Benchmarks.Baselines;

/// <summary>
/// Rows of the same bytes written straight into Forge's own table in a SQLite file of their own, as durably: one prepared
/// <c>INSERT</c>, in transactions of so many rows.
/// </summary>
internal sealed class SqliteInsertAppend(string name, string folder, int batch, int sessions, StatePool states) : Side(name)
{
    private const string Insert = """
        INSERT INTO checkpoints (session_key, sequence, id, created_at, message, checksum, stored, position, parent_sequence,
            size, stored_size, tags, trigger_kind, content_type, codec, trunk)
        VALUES ($k, $s, $i, $c, $m, $h, $d, $s, $s - 1, length($d), length($d), '[]', 0, 'application/octet-stream', 0, 0)
        """;

    private readonly RawRows _rows = new(sessions, states);
    private SqliteConnection? _connection;
    private SqliteCommand? _insert;

    private SqliteConnection Connection => _connection ?? throw new InvalidOperationException("It was not prepared.");

    public override async Task PrepareAsync()
    {
        await using (var store = new SqliteHistoryStore(
            folder, new WriterOptions(), allowUnsafeDurability: false, TimeProvider.System, NullLogger<SqliteHistoryStore>.Instance))
        {
            await store.StartAsync(CancellationToken.None);
        }

        _connection = new SqliteConnection($"Data Source={Path.Combine(folder, SqliteHistoryStore.FileName)};Pooling=False");
        await _connection.OpenAsync();
        await using (var pragmas = new SqliteCommand(SqliteDurability.Pragmas, _connection))
        {
            await pragmas.ExecuteNonQueryAsync();
        }

        _insert = new SqliteCommand(Insert, _connection);
        foreach (var parameter in new[] { "$k", "$s", "$i", "$c", "$m", "$h", "$d" })
        {
            _insert.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }
    }

    public override Task<double> RunAsync(TimeSpan duration) => Callers.RateAsync(1, duration, _ => Task.FromResult(Write()));

    public override async Task ValidateAsync()
    {
        await using var count = new SqliteCommand("SELECT count(*) FROM checkpoints", Connection);
        if (await count.ExecuteScalarAsync() is not long found || found != _rows.Count)
        {
            throw new ValidationException(Name, $"the table has not the {_rows.Count} rows that were written");
        }

        await using var sample = new SqliteCommand("SELECT message, stored FROM checkpoints ORDER BY rowid DESC LIMIT 20", Connection);
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
        if (_insert is not null)
        {
            await _insert.DisposeAsync();
        }

        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private int Write()
    {
        using var transaction = Connection.BeginTransaction();
        _insert!.Transaction = transaction;
        for (var i = 0; i < batch; i++)
        {
            var row = _rows.Next();
            object[] values =
                [row.Key, row.Sequence, row.Id.ToByteArray(bigEndian: true), row.CreatedAt.Ticks / 10, row.Message, row.Checksum, row.State];
            for (var p = 0; p < values.Length; p++)
            {
                _insert.Parameters[p].Value = values[p];
            }

            _insert.ExecuteNonQuery();
        }

        transaction.Commit();
        return batch;
    }
}
