using Forge.Benchmarks.Appending;
using Forge.Testing.PostgreSql;
using Npgsql;
using NpgsqlTypes;

namespace Forge.Benchmarks.Baselines;

/// <summary>One prepared statement for a batch, with an array for each column that differs.</summary>
internal sealed class UnnestAppend(string name, DatabaseServer server, int batch, int sessions, StatePool states)
    : PostgreSqlRawAppend(name, server, sessions, states)
{
    private const string Insert = $"""
        INSERT INTO checkpoints ({Columns})
        SELECT k, s, i, c, m, h, d, s, s - 1, length(d), length(d), {Constants}
        FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::timestamptz[], $5::text[], $6::bytea[], $7::bytea[])
            AS r (k, s, i, c, m, h, d)
        """;

    protected override async Task<int> WriteAsync()
    {
        var rows = Rows.Next(batch);
        await using var command = new NpgsqlCommand(Insert, Connection);
        Add(Array.ConvertAll(rows, r => r.Key));
        Add(Array.ConvertAll(rows, r => r.Sequence));
        Add(Array.ConvertAll(rows, r => r.Id));
        command.Parameters.Add(new NpgsqlParameter<DateTime[]>
        {
            TypedValue = Array.ConvertAll(rows, r => r.CreatedAt),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });
        Add(Array.ConvertAll(rows, r => r.Message));
        Add(Array.ConvertAll(rows, r => r.Checksum));
        Add(Array.ConvertAll(rows, r => r.State));
        return await command.ExecuteNonQueryAsync();

        void Add<T>(T[] column) => command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = column });
    }
}
