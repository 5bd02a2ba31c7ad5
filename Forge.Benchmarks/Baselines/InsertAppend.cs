using Forge.Benchmarks.Appending;
using Forge.Testing.PostgreSql;
using Npgsql;

namespace Forge.Benchmarks.Baselines;

/// <summary>One prepared <c>INSERT</c> of one row, its own commit.</summary>
internal sealed class InsertAppend(string name, DatabaseServer server, int sessions, StatePool states)
    : PostgreSqlRawAppend(name, server, sessions, states)
{
    private const string Insert =
        $"INSERT INTO checkpoints ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $2, $2 - 1, length($7), length($7), {Constants})";

    private NpgsqlCommand? _command;

    public override async ValueTask DisposeAsync()
    {
        if (_command is not null)
        {
            await _command.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    protected override async Task PrepareStatementAsync()
    {
        _command = new NpgsqlCommand(Insert, Connection)
        {
            Parameters =
            {
                new NpgsqlParameter<long>(), new NpgsqlParameter<long>(), new NpgsqlParameter<Guid>(), new NpgsqlParameter<DateTime>(),
                new NpgsqlParameter<string> { TypedValue = "" }, new NpgsqlParameter<byte[]> { TypedValue = [] },
                new NpgsqlParameter<byte[]> { TypedValue = [] },
            },
        };
        _command.Parameters[3].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz;
        await _command.PrepareAsync();
    }

    protected override Task<int> WriteAsync()
    {
        var row = Rows.Next();
        var parameters = _command!.Parameters;
        ((NpgsqlParameter<long>)parameters[0]).TypedValue = row.Key;
        ((NpgsqlParameter<long>)parameters[1]).TypedValue = row.Sequence;
        ((NpgsqlParameter<Guid>)parameters[2]).TypedValue = row.Id;
        ((NpgsqlParameter<DateTime>)parameters[3]).TypedValue = row.CreatedAt;
        ((NpgsqlParameter<string>)parameters[4]).TypedValue = row.Message;
        ((NpgsqlParameter<byte[]>)parameters[5]).TypedValue = row.Checksum;
        ((NpgsqlParameter<byte[]>)parameters[6]).TypedValue = row.State;
        return _command.ExecuteNonQueryAsync();
    }
}
