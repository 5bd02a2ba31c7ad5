using System.Data;
using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>One session at one instant: a read-only transaction over one snapshot, and the connection it holds.</summary>
internal sealed class PostgreSqlSnapshot : IHistorySnapshot
{
    /// <summary>A row comes with its path only where it does not stand on the one that was sent just before.</summary>
    private static readonly string Rows = $"""
        SELECT {CheckpointColumns.Select(CheckpointParts.All)}
        FROM (
            SELECT c.*, lag(c.sequence) OVER (ORDER BY c.sequence) AS previous
            FROM sessions s
            {Visibility.RemovedJoin}
            JOIN checkpoints c ON c.session_key = s.session_key AND {Visibility.OfMany}
            WHERE s.session_key = $1) c
        {CheckpointColumns.NotesJoin(CheckpointParts.All)}
        {CheckpointColumns.BasesJoin(CheckpointParts.All, "c.base_sequence IS DISTINCT FROM c.previous")}
        ORDER BY c.sequence
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly SessionAddress _address;

    private PostgreSqlSnapshot(
        NpgsqlConnection connection, NpgsqlTransaction transaction, SessionAddress address, HeadRead head)
    {
        _address = address;
        _connection = connection;
        _transaction = transaction;
        Head = head;
    }

    public HeadRead Head { get; }

    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public static async Task<PostgreSqlSnapshot?> OpenAsync(
        PostgreSqlDatabase database, SessionAddress address, CancellationToken cancellationToken)
    {
        var connection = await database.Work.OpenOrFailAsync(cancellationToken);
        NpgsqlTransaction? transaction = null;
        try
        {
            transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);

            // The reader sets the pace, and may take its time: only the waits for single answers are bounded.
            await using (var settings = new NpgsqlCommand("SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = 0", connection))
            {
                await settings.ExecuteNonQueryAsync(cancellationToken);
            }

            if (await HeadColumns.ReadAsync(connection, address, cancellationToken) is { Head.DeletedAt: null } head)
            {
                var snapshot = new PostgreSqlSnapshot(connection, transaction, address, head);
                (connection, transaction) = (null, null);
                return snapshot;
            }

            return null;
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
        finally
        {
            if (transaction is not null)
            {
                await transaction.DisposeAsync();
            }

            if (connection is not null)
            {
                await connection.DisposeAsync();
            }
        }
    }

    public async IAsyncEnumerable<StoredCheckpoint> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Rows, _connection, _transaction);
        command.Parameters.AddValue(Head.Head.Key);
        await using var reader = await OpenReaderAsync(command, cancellationToken);
        var decoder = new SnapshotDecoder(_address);
        var finished = false;
        try
        {
            while (await NextAsync(reader, cancellationToken) is { } row)
            {
                yield return decoder.Decode(row);
            }

            finished = true;
        }
        finally
        {
            if (!finished)
            {
                // Or what nobody wants any more would all be sent before the connection is free.
                command.Cancel();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task<NpgsqlDataReader> OpenReaderAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }

    private static async Task<StoredCheckpoint?> NextAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken)
                ? await CheckpointColumns.ReadAsync(reader, 0, CheckpointParts.All, cancellationToken)
                : null;
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }
}
