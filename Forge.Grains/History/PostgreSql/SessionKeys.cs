using Npgsql;

namespace Forge.Grains.History.PostgreSql;

/// <summary>Hands out session keys from blocks of the database's sequence.</summary>
internal sealed class SessionKeys(PostgreSqlDatabase database) : IDisposable
{
    /// <summary>The step of the sequence.</summary>
    private const int BlockSize = 64;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _next;
    private long _end;

    public async ValueTask<long> NextAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_next == _end)
            {
                _next = await database.Commits.ReadAsync(ReadBlockAsync, cancellationToken);
                _end = _next + BlockSize;
            }

            return _next++;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static async Task<long> ReadBlockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT nextval('session_keys')", connection);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
