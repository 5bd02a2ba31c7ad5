using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>Rows under a key that no session has yet, and the work that removes them where none takes them over.</summary>
internal sealed class Staging(PostgreSqlDatabase database)
{
    private const short Kind = (short)DueWorkKind.Staging;

    private static readonly string InsertCheckpoints = $"{CheckpointInsert.Into} {CheckpointInsert.SelectFrom(1)}";

    public Task BeginAsync(long key, DateTimeOffset abandonedAt, CancellationToken cancellationToken) =>
        ExecuteAsync(
            """
            INSERT INTO due_work (kind, session_key, due_at) VALUES ($1, $2, $3)
            ON CONFLICT (kind, session_key) DO UPDATE SET due_at = excluded.due_at
            """,
            parameters =>
            {
                parameters.AddValue(Kind);
                parameters.AddValue(key);
                parameters.AddValue(abandonedAt);
            },
            cancellationToken);

    public Task DiscardAsync(long key, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "UPDATE due_work SET due_at = '-infinity' WHERE kind = $1 AND session_key = $2",
            parameters =>
            {
                parameters.AddValue(Kind);
                parameters.AddValue(key);
            },
            cancellationToken);

    public async Task StageAsync(long key, IReadOnlyList<StoredCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        if (checkpoints.Count == 0)
        {
            return;
        }

        try
        {
            await database.Work.ChangeAsync(
                (connection, token) => InsertAsync(connection, key, checkpoints, token), cancellationToken);
        }
        catch (UnavailableException e)
            when (e.InnerException is PostgresException cause && PostgreSqlErrors.Rejection(cause) is { } status)
        {
            throw new BatchRejectedException(status, cause);
        }
    }

    private static async Task<bool> InsertAsync(
        NpgsqlConnection connection, long key, IReadOnlyList<StoredCheckpoint> checkpoints, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Held until these rows are committed, so that the removal of what was staged before can't miss them and end.
        await using (var hold = new NpgsqlCommand(
            "SELECT work_id FROM due_work WHERE kind = $1 AND session_key = $2 AND claimed_by IS NULL FOR SHARE",
            connection, transaction))
        {
            hold.Parameters.AddValue(Kind);
            hold.Parameters.AddValue(key);
            if (await hold.ExecuteScalarAsync(cancellationToken) is null)
            {
                throw new BatchRejectedException(CommitStatus.Refused, new InvalidOperationException(
                    $"The rows staged under key {key} are gone or are being removed."));
            }
        }

        await using var statements = new NpgsqlBatch(connection, transaction);
        var insert = new NpgsqlBatchCommand(InsertCheckpoints);
        CheckpointInsert.AddArrays(insert.Parameters, [.. checkpoints.Select(row => new KeyedCheckpoint(key, row))]);
        statements.BatchCommands.Add(insert);
        AddTags(statements, key, checkpoints);
        AddAnnotations(statements, key, checkpoints);
        await statements.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static void AddTags(NpgsqlBatch statements, long key, IReadOnlyList<StoredCheckpoint> checkpoints)
    {
        var tags = checkpoints.SelectMany(c => c.Tags, (c, tag) => (c.Sequence, Tag: tag)).ToList();
        if (tags.Count > 0)
        {
            var insert = new NpgsqlBatchCommand("""
                INSERT INTO checkpoint_tags (session_key, tag, sequence)
                SELECT $1, x.tag, x.sequence FROM unnest($2::text[], $3::bigint[]) AS x (tag, sequence)
                """);
            insert.Parameters.AddValue(key);
            insert.Parameters.AddColumn(tags, t => t.Tag);
            insert.Parameters.AddColumn(tags, t => t.Sequence);
            statements.BatchCommands.Add(insert);
        }
    }

    private static void AddAnnotations(NpgsqlBatch statements, long key, IReadOnlyList<StoredCheckpoint> checkpoints)
    {
        var notes = checkpoints.SelectMany(c => c.Annotations, (c, note) => (c.Sequence, Note: note)).ToList();
        if (notes.Count > 0)
        {
            var insert = new NpgsqlBatchCommand("""
                INSERT INTO annotations (session_key, sequence, position, at, severity, text)
                SELECT $1, x.* FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::smallint[], $6::text[])
                    AS x (sequence, position, at, severity, text)
                """);
            insert.Parameters.AddValue(key);
            insert.Parameters.AddColumn(notes, n => n.Sequence);
            insert.Parameters.AddColumn(notes, n => n.Note.Position);
            insert.Parameters.AddTimes(notes, n => n.Note.At);
            insert.Parameters.AddColumn(notes, n => (short)n.Note.Severity);
            insert.Parameters.AddColumn(notes, n => n.Note.Text);
            statements.BatchCommands.Add(insert);
        }
    }

    private Task<int> ExecuteAsync(string sql, Action<NpgsqlParameterCollection> add, CancellationToken cancellationToken) =>
        database.Work.ChangeAsync(
            async (connection, token) =>
            {
                await using var command = new NpgsqlCommand(sql, connection);
                add(command.Parameters);
                return await command.ExecuteNonQueryAsync(token);
            },
            cancellationToken);
}
