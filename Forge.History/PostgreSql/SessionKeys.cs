using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// Hands out session keys from blocks of the database's sequence. One read of a block serves all who wait for a key, so
/// that with a database that is not there they fail together, not one after another.
/// </summary>
internal sealed class SessionKeys(PostgreSqlDatabase database)
{
    /// <summary>The step of the sequence.</summary>
    private const int BlockSize = 64;

    private readonly Lock _gate = new();
    private Task? _reading;
    private long _next;
    private long _end;

    public async ValueTask<long> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task reading;
            lock (_gate)
            {
                if (_next < _end)
                {
                    return _next++;
                }

                // On a thread of its own, as it must not end before it is noted here. It belongs to all who wait: no one
                // caller's cancellation ends it.
                reading = _reading ??= Task.Run(ReadBlockAsync, CancellationToken.None);
            }

            await reading.WaitAsync(cancellationToken);
        }
    }

    private async Task ReadBlockAsync()
    {
        long? first = null;
        try
        {
            first = await database.Commits.ReadAsync(ReadBlockAsync, CancellationToken.None);
        }
        finally
        {
            // Also after a failure, so that the next caller tries anew.
            lock (_gate)
            {
                _reading = null;
                if (first is { } block)
                {
                    (_next, _end) = (block, block + BlockSize);
                }
            }
        }
    }

    private static async Task<long> ReadBlockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT nextval('session_keys')", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
