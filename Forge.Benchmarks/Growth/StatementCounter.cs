using Npgsql;

namespace Forge.Benchmarks.Growth;

/// <summary>
/// Counts Forge's statements on a database, and the pages that they touched, which is what rows read come to if a row
/// that is looked at and dropped counts as well.
/// </summary>
internal sealed class StatementCounter : IAsyncDisposable
{
    // Orleans' own look at the cluster goes on beside, and is not what is counted.
    private const string Count = """
        SELECT coalesce(sum(calls), 0)::bigint, coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint
        FROM pg_stat_statements
        WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND query NOT ILIKE '%orleans%' AND query NOT ILIKE '%pg_stat%' AND query NOT ILIKE '%due_work%' AND query NOT ILIKE 'DELETE FROM requests%'
        """;

    private readonly NpgsqlConnection _connection;

    private StatementCounter(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Begins to count on a server that was started with <c>pg_stat_statements</c>.</summary>
    public static async Task<StatementCounter> StartAsync(string database)
    {
        var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        var counter = new StatementCounter(connection);
        await counter.ExecuteAsync("CREATE EXTENSION pg_stat_statements");
        return counter;
    }

    public Task ResetAsync() => ExecuteAsync("SELECT pg_stat_statements_reset()");

    public async Task<(long Statements, long Pages)> ReadAsync()
    {
        await using var command = new NpgsqlCommand(Count, _connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();

    private async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }
}
