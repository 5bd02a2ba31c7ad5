using System.Data;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>All that is stored of a session: a read-only transaction over one snapshot, and the connection it holds.</summary>
internal sealed class PostgreSqlStoredSession : IStoredSession
{
    private static readonly string Rows = $"""
        SELECT NOT ({Visibility.OfMany}), {CheckpointColumns.Select(CheckpointParts.Summary)}, c.stored
        FROM sessions s
        {Visibility.RemovedJoin}
        JOIN checkpoints c ON c.session_key = s.session_key
        WHERE s.session_key = $1 AND c.sequence > $2
        ORDER BY c.sequence LIMIT $3
        """;

    private static readonly string Whole = $"""
        SELECT {CheckpointColumns.Select(CheckpointParts.State)} FROM checkpoints c
        {CheckpointColumns.BasesJoin(CheckpointParts.State)}
        WHERE c.session_key = $1 AND c.sequence = $2
        """;

    private const string EventColumns = "position, kind, at, sequence, last_sequence, detail, chain";

    private const string Events =
        $"SELECT {EventColumns} FROM events WHERE session_key = $1 AND position > $2 ORDER BY position LIMIT $3";

    private const string EventsOf = $"""
        SELECT {EventColumns} FROM events WHERE session_key = $1 AND position > $2
            AND (kind IN (3, 7) OR (sequence >= $4 AND sequence <= $5)) ORDER BY position LIMIT $3
        """;

    private const string Runs =
        $"SELECT {RemovedRuns.Columns} FROM removed_runs r WHERE r.session_key = $1 AND r.first_position > $2 ORDER BY 1 LIMIT $3";

    private const string Tags =
        "SELECT sequence, tag FROM checkpoint_tags WHERE session_key = $1 AND sequence >= $2 AND sequence <= $3";

    private const string Notes = """
        SELECT sequence, position, at, severity, text FROM annotations
        WHERE session_key = $1 AND sequence >= $2 AND sequence <= $3 ORDER BY sequence, position
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private PostgreSqlStoredSession(NpgsqlConnection connection, NpgsqlTransaction transaction, SessionHead head) =>
        (_connection, _transaction, Head) = (connection, transaction, head);

    public SessionHead Head { get; }

    /// <summary>Opens a session; null where there is nothing to verify.</summary>
    /// <exception cref="UnavailableException">The database cannot be reached or does not answer in time.</exception>
    public static async Task<PostgreSqlStoredSession?> OpenAsync(
        PostgreSqlDatabase database, SessionAddress address, CancellationToken cancellationToken)
    {
        var connection = await database.Work.OpenOrFailAsync(cancellationToken);
        NpgsqlTransaction? transaction = null;
        try
        {
            transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            await using (var settings = new NpgsqlCommand("SET TRANSACTION READ ONLY", connection))
            {
                await settings.ExecuteNonQueryAsync(cancellationToken);
            }

            if (await HeadColumns.ReadAsync(connection, address, cancellationToken) is { Head.DeletedAt: null } head)
            {
                var session = new PostgreSqlStoredSession(connection, transaction, head.Head);
                (connection, transaction) = (null, null);
                return session;
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

    public Task<IReadOnlyList<StoredRow>> RowsAsync(long after, int limit, CancellationToken cancellationToken) => ReadAsync(
        Rows,
        [after, limit],
        async reader =>
        {
            var row = await CheckpointColumns.ReadAsync(reader, 1, CheckpointParts.Summary, cancellationToken);
            row = row with { Stored = await reader.GetFieldValueAsync<byte[]>(reader.FieldCount - 1, cancellationToken) };
            return new StoredRow(row.Sequence, row, reader.GetBoolean(0));
        },
        cancellationToken);

    public async Task<StoredCheckpoint> WithBasesAsync(StoredCheckpoint row, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(
            Whole,
            [row.Sequence],
            async reader => await CheckpointColumns.ReadAsync(reader, 0, CheckpointParts.State, cancellationToken),
            cancellationToken);
        return row with { Bases = found is [var whole] ? whole.Bases : [] };
    }

    public Task<IReadOnlyList<SessionEvent>> EventsAsync(long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(Events, [after, limit], EventAsync, cancellationToken);

    public Task<IReadOnlyList<SessionEvent>> EventsOfAsync(
        SequenceRange checkpoints, long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(EventsOf, [after, limit, checkpoints.First, checkpoints.Last], EventAsync, cancellationToken);

    public Task<IReadOnlyList<RemovedRun>> RunsAsync(long after, int limit, CancellationToken cancellationToken) => ReadAsync(
        Runs, [after, limit], reader => ValueTask.FromResult(RemovedRuns.Read(reader)), cancellationToken);

    public Task<IReadOnlyList<StoredTag>> TagsAsync(SequenceRange checkpoints, CancellationToken cancellationToken) => ReadAsync(
        Tags,
        [checkpoints.First, checkpoints.Last],
        reader => ValueTask.FromResult(new StoredTag(reader.GetInt64(0), reader.GetString(1))),
        cancellationToken);

    public Task<IReadOnlyList<NewAnnotation>> AnnotationsAsync(SequenceRange checkpoints, CancellationToken cancellationToken) =>
        ReadAsync(
            Notes,
            [checkpoints.First, checkpoints.Last],
            reader => ValueTask.FromResult(new NewAnnotation(
                reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2),
                (AnnotationSeverity)reader.GetInt16(3), reader.GetString(4))),
            cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>Reads an event: position, kind, time, sequence, last sequence, detail and chain value.</summary>
    public static ValueTask<SessionEvent> EventAsync(NpgsqlDataReader reader) => ValueTask.FromResult(new SessionEvent(
        reader.GetInt64(0), (SessionEventKind)reader.GetInt16(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetInt64(3),
        reader.GetInt64(4), reader.IsDBNull(5) ? null : reader.GetString(5),
        reader.IsDBNull(6) ? null : reader.GetFieldValue<byte[]>(6)));

    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        string sql, long[] values, Func<NpgsqlDataReader, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = new NpgsqlCommand(sql, _connection, _transaction);
            command.Parameters.AddValue(Head.Key);
            foreach (var value in values)
            {
                command.Parameters.AddValue(value);
            }

            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var items = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
            {
                items.Add(await read(reader));
            }

            return items;
        }
        catch (Exception e) when (PostgreSqlErrors.IsFailure(e, cancellationToken))
        {
            throw PostgreSqlErrors.Unavailable(e);
        }
    }
}
