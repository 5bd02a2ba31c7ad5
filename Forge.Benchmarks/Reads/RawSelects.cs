using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Npgsql;

namespace Forge.Benchmarks.Reads;

/// <summary>
/// Prepared selects of rows by their primary key, of those that Forge wrote: message, checksum and bytes, and nothing of what Forge asks
/// and checks.
/// </summary>
/// <param name="name">The name.</param>
/// <param name="database">The database that Forge wrote.</param>
/// <param name="rows">How many rows are read, in turn.</param>
/// <param name="connections">How many connections read, each one row after another.</param>
/// <param name="states">The states.</param>
internal sealed class RawSelects(string name, string database, int rows, int connections, StatePool states) : Side(name)
{
    private readonly List<(NpgsqlConnection Connection, NpgsqlCommand Select)> _open = [];
    private readonly long[] _next = [.. Enumerable.Range(0, connections).Select(i => (long)i)];
    private long[] _keys = [];

    public override async Task PrepareAsync()
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await using (var find = source.CreateCommand("SELECT session_key FROM checkpoints WHERE sequence = 1 ORDER BY session_key"))
        {
            await using var reader = await find.ExecuteReaderAsync();
            var keys = new List<long>();
            while (await reader.ReadAsync())
            {
                keys.Add(reader.GetInt64(0));
            }

            _keys = keys.Count >= rows ? [.. keys.Take(rows)] : throw new ValidationException(Name, $"there are {keys.Count} rows and not {rows}");
        }

        for (var i = 0; i < connections; i++)
        {
            var connection = await source.OpenConnectionAsync();
            var select = new NpgsqlCommand(
                "SELECT message, checksum, stored FROM checkpoints WHERE session_key = $1 AND sequence = $2", connection)
            {
                Parameters = { new NpgsqlParameter<long>(), new NpgsqlParameter<long> { TypedValue = 1 } },
            };
            await select.PrepareAsync();
            _open.Add((connection, select));
        }
    }

    public override Task<double> RunAsync(TimeSpan duration) => Callers.RateAsync(connections, duration, async caller =>
    {
        var select = _open[caller].Select;
        ((NpgsqlParameter<long>)select.Parameters[0]).TypedValue = _keys[_next[caller]++ % rows];
        await using var reader = await select.ExecuteReaderAsync();
        if (!await reader.ReadAsync()
            || !states.Matches(reader.GetString(0), await reader.GetFieldValueAsync<byte[]>(2)))
        {
            throw new ValidationException(Name, "a row is not what was saved");
        }

        return 1;
    });

    public override async ValueTask DisposeAsync()
    {
        foreach (var (connection, select) in _open)
        {
            await select.DisposeAsync();
            await connection.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
