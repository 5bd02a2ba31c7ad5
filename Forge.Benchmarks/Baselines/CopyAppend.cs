using Forge.Benchmarks.Appending;
using Forge.Testing.PostgreSql;
using NpgsqlTypes;

namespace Forge.Benchmarks.Baselines;

/// <summary>Binary <c>COPY</c>, a batch each.</summary>
internal sealed class CopyAppend(string name, DatabaseServer server, int batch, int sessions, StatePool states)
    : PostgreSqlRawAppend(name, server, sessions, states)
{
    private static readonly string[] NoTags = [];

    protected override async Task<int> WriteAsync()
    {
        await using var copy = await Connection.BeginBinaryImportAsync($"COPY checkpoints ({Columns}) FROM STDIN (FORMAT binary)");
        for (var i = 0; i < batch; i++)
        {
            var row = Rows.Next();
            await copy.StartRowAsync();
            await copy.WriteAsync(row.Key, NpgsqlDbType.Bigint);
            await copy.WriteAsync(row.Sequence, NpgsqlDbType.Bigint);
            await copy.WriteAsync(row.Id, NpgsqlDbType.Uuid);
            await copy.WriteAsync(row.CreatedAt, NpgsqlDbType.TimestampTz);
            await copy.WriteAsync(row.Message, NpgsqlDbType.Text);
            await copy.WriteAsync(row.Checksum, NpgsqlDbType.Bytea);
            await copy.WriteAsync(row.State, NpgsqlDbType.Bytea);
            await copy.WriteAsync(row.Sequence, NpgsqlDbType.Bigint);
            await copy.WriteAsync(row.Sequence - 1, NpgsqlDbType.Bigint);
            await copy.WriteAsync(row.State.Length, NpgsqlDbType.Integer);
            await copy.WriteAsync(row.State.Length, NpgsqlDbType.Integer);
            await copy.WriteAsync(NoTags, NpgsqlDbType.Array | NpgsqlDbType.Text);
            await copy.WriteAsync((short)0, NpgsqlDbType.Smallint);
            await copy.WriteAsync("application/octet-stream", NpgsqlDbType.Text);
            await copy.WriteAsync((short)0, NpgsqlDbType.Smallint);
            await copy.WriteAsync(false, NpgsqlDbType.Boolean);
        }

        return (int)await copy.CompleteAsync();
    }
}
