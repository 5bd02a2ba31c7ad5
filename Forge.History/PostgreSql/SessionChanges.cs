using Forge.History.Changes;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// All that a batch changes beside head rows and new checkpoints, gathered by kind, and the statements for it. They follow the
/// fence in the same transaction, and each touches only sessions whose head row names the batch: those that passed.
/// </summary>
internal sealed class SessionChanges : IChangeVisitor
{
    private const string Passed =
        "EXISTS (SELECT FROM sessions s WHERE s.session_key = x.session_key AND s.last_batch = $1)";

    private const string InsertTags = $"""
        INSERT INTO checkpoint_tags (session_key, tag, sequence)
        SELECT x.session_key, x.tag, x.sequence
        FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS x (session_key, tag, sequence) WHERE {Passed}
        """;

    private const string OfSequences = "unnest($2::bigint[], $3::bigint[]) AS x (session_key, sequence)";

    private const string SameCheckpoint = "c.session_key = x.session_key AND c.sequence = x.sequence";

    // Tag by tag, as the rows still name them: the key of the tags' rows starts with the tag, and without it each of the
    // session's would have to be looked at.
    private const string DeleteTags = $"""
        DELETE FROM checkpoint_tags t
        USING {OfSequences}, checkpoints c, unnest(c.tags) AS g (tag)
        WHERE {SameCheckpoint} AND t.session_key = x.session_key AND t.tag = g.tag AND t.sequence = x.sequence AND {Passed}
        """;

    private readonly Guid _batch;
    private readonly Dictionary<(long Key, long Sequence), IReadOnlyList<string>> _firstTags = [];
    private readonly List<Keyed<Tagged>> _tagged = [];
    private readonly List<Keyed<NewAnnotation>> _annotations = [];
    private readonly List<Keyed<long>> _trunks = [];
    private readonly List<Keyed<long>> _removed = [];
    private readonly List<Keyed<SequenceRange>> _ranges = [];
    private readonly List<Keyed<SessionEvent>> _events = [];
    private readonly List<Keyed<RememberedRequest>> _requests = [];
    private readonly List<Keyed<Due>> _due = [];
    private long _key;

    private SessionChanges(Guid batch) => _batch = batch;

    /// <summary>What is taken over, by the key of the session that takes it.</summary>
    public Dictionary<long, TookOver> Staged { get; } = [];

    public static SessionChanges Of(CommitBatch batch)
    {
        var changes = new SessionChanges(batch.Id);
        foreach (var commit in batch.Commits)
        {
            changes._key = commit.Head.Key;
            commit.Apply(changes);
        }

        return changes;
    }

    /// <summary>The row goes with the fence, its tags as those of others do.</summary>
    public void Visit(Created change)
    {
        if (change.Row.Tags.Count > 0)
        {
            _firstTags.Add((_key, change.Row.Sequence), change.Row.Tags);
        }
    }

    public void Visit(Tagged change)
    {
        // A checkpoint that is created and given other tags in one commit has but the second ones now.
        _firstTags.Remove((_key, change.Sequence));
        _tagged.Add(new(_key, change));
    }

    public void Visit(Annotated change) => _annotations.Add(new(_key, change.Note));

    public void Visit(Removed change)
    {
        _removed.Add(new(_key, change.Sequence));
        _ranges.Add(new(_key, new SequenceRange(change.Sequence, change.Sequence)));
    }

    public void Visit(RangeRemoved change) => _ranges.Add(new(_key, change.Range));

    public void Visit(TrunkMarked change) => _trunks.Add(new(_key, change.Sequence));

    public void Visit(Logged change) => _events.Add(new(_key, change.Event));

    public void Visit(Remembered change) => _requests.Add(new(_key, change.Request));

    public void Visit(Due change) => _due.Add(new(_key, change));

    public void Visit(TookOver change) => Staged.Add(_key, change);

    /// <summary>Adds the statements that the changes need, and none else, in an order in which each finds what it stands on.</summary>
    public void AddTo(NpgsqlBatch statements)
    {
        TakeOver(statements);
        Tag(statements);
        if (Add(statements, _annotations, $"""
            INSERT INTO annotations (session_key, sequence, position, at, severity, text)
            SELECT x.* FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::smallint[], $7::text[])
                AS x (session_key, sequence, position, at, severity, text)
            WHERE {Passed}
            """) is { } notes)
        {
            notes.AddColumn(_annotations, r => r.Value.Sequence);
            notes.AddColumn(_annotations, r => r.Value.Position);
            notes.AddTimes(_annotations, r => r.Value.At);
            notes.AddColumn(_annotations, r => (short)r.Value.Severity);
            notes.AddColumn(_annotations, r => r.Value.Text);
        }

        AddSequences(statements, _trunks, $"UPDATE checkpoints c SET trunk = true FROM {OfSequences} WHERE {SameCheckpoint} AND NOT c.trunk AND {Passed}");
        AddSequences(statements, _removed, DeleteTags);
        AddSequences(statements, _removed, $"DELETE FROM annotations c USING {OfSequences} WHERE {SameCheckpoint} AND {Passed}");
        if (Add(statements, _ranges, $"""
            INSERT INTO removed_ranges (session_key, first_sequence, last_sequence)
            SELECT x.* FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS x (session_key, first_sequence, last_sequence)
            WHERE {Passed} ON CONFLICT DO NOTHING
            """) is { } ranges)
        {
            ranges.AddColumn(_ranges, r => r.Value.First);
            ranges.AddColumn(_ranges, r => r.Value.Last);
        }

        if (Add(statements, _events, $"""
            INSERT INTO events (session_key, position, kind, at, sequence, last_sequence, detail, chain)
            SELECT x.* FROM unnest(
                $2::bigint[], $3::bigint[], $4::smallint[], $5::timestamptz[], $6::bigint[], $7::bigint[], $8::text[],
                $9::bytea[]) AS x (session_key, position, kind, at, sequence, last_sequence, detail, chain)
            WHERE {Passed}
            """) is { } events)
        {
            events.AddColumn(_events, r => r.Value.Position);
            events.AddColumn(_events, r => (short)r.Value.Kind);
            events.AddTimes(_events, r => r.Value.At);
            events.AddColumn(_events, r => r.Value.Sequence);
            events.AddColumn(_events, r => r.Value.LastSequence);
            events.AddColumn(_events, r => r.Value.Detail);
            events.AddColumn(_events, r => r.Value.Chain);
        }

        if (Add(statements, _requests, $"""
            INSERT INTO requests (session_key, id, at, kind, outcome)
            SELECT x.* FROM unnest($2::bigint[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[])
                AS x (session_key, id, at, kind, outcome)
            WHERE {Passed}
            """) is { } requests)
        {
            requests.AddColumn(_requests, r => r.Value.Id);
            requests.AddTimes(_requests, r => r.Value.At);
            requests.AddColumn(_requests, r => r.Value.Kind);
            requests.AddColumn(_requests, r => r.Value.Outcome);
        }

        // A row that is there is locked: work whose last step is just removing that row is waited for, and work that was
        // added to is not removed. Without the lock a range could be left for ever.
        if (Add(statements, _due, $"""
            INSERT INTO due_work (kind, session_key, due_at)
            SELECT x.kind, x.session_key, x.due_at
            FROM unnest($2::bigint[], $3::smallint[], $4::timestamptz[]) AS x (session_key, kind, due_at)
            WHERE {Passed} ORDER BY x.session_key, x.kind
            ON CONFLICT (kind, session_key) DO UPDATE
            SET due_at = least(due_work.due_at, excluded.due_at), noted = due_work.noted + 1
            """) is { } due)
        {
            due.AddColumn(_due, r => (short)r.Value.Kind);
            due.AddTimes(_due, r => r.Value.At);
        }
    }

    private void TakeOver(NpgsqlBatch statements)
    {
        var staged = Staged.ToList();

        // Whoever removes abandoned rows claims the work first. Where it is claimed, rows may be gone already, and the commit
        // must not stand; the keys that come back are those that may be taken over.
        AddPairs("""
            DELETE FROM due_work d USING unnest($2::bigint[], $3::bigint[]) AS x (session_key, staged_key)
            WHERE d.kind = $4 AND d.session_key = x.staged_key AND d.claimed_by IS NULL AND
            """ + $" {Passed} RETURNING x.staged_key")?.AddValue((short)DueWorkKind.Staging);
        staged.RemoveAll(s => s.Value.Key == s.Key);
        foreach (var table in new[] { "checkpoints", "checkpoint_tags", "annotations" })
        {
            var positions = table == "checkpoints" ? ", position = t.position + x.by" : "";
            AddPairs($"""
                UPDATE {table} t SET session_key = x.session_key{positions}
                FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS x (session_key, staged_key, by)
                WHERE t.session_key = x.staged_key AND {Passed}
                """)?.AddColumn(staged, s => s.Value.Offset);
        }

        NpgsqlParameterCollection? AddPairs(string sql)
        {
            if (staged.Count == 0)
            {
                return null;
            }

            var parameters = Add(statements, sql);
            parameters.AddColumn(staged, s => s.Key);
            parameters.AddColumn(staged, s => s.Value.Key);
            return parameters;
        }
    }

    private void Tag(NpgsqlBatch statements)
    {
        var changed = _tagged.ConvertAll(t => new Keyed<long>(t.Key, t.Value.Sequence));
        AddSequences(statements, changed, DeleteTags);
        AddSequences(statements, changed, $"""
            UPDATE checkpoints c SET first_tags = coalesce(c.first_tags, c.tags), tags = x.tags::text[]
            FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS x (session_key, sequence, tags)
            WHERE {SameCheckpoint} AND {Passed}
            """)?.AddColumn(_tagged, t => CommandParameters.ArrayLiteral(t.Value.Tags));

        var tags = _firstTags.SelectMany(c => c.Value, (c, tag) => (c.Key.Key, c.Key.Sequence, Tag: tag))
            .Concat(_tagged.SelectMany(t => t.Value.Tags, (t, tag) => (t.Key, t.Value.Sequence, Tag: tag)))
            .ToList();
        if (tags.Count > 0)
        {
            var parameters = Add(statements, InsertTags);
            parameters.AddColumn(tags, t => t.Key);
            parameters.AddColumn(tags, t => t.Tag);
            parameters.AddColumn(tags, t => t.Sequence);
        }
    }

    private NpgsqlParameterCollection Add(NpgsqlBatch statements, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.AddValue(_batch);
        statements.BatchCommands.Add(command);
        return command.Parameters;
    }

    /// <summary>A statement whose first array are the keys of rows; null where there are no rows.</summary>
    private NpgsqlParameterCollection? Add<T>(NpgsqlBatch statements, List<Keyed<T>> rows, string sql)
    {
        if (rows.Count == 0)
        {
            return null;
        }

        var parameters = Add(statements, sql);
        parameters.AddColumn(rows, r => r.Key);
        return parameters;
    }

    private NpgsqlParameterCollection? AddSequences(NpgsqlBatch statements, List<Keyed<long>> rows, string sql)
    {
        var parameters = Add(statements, rows, sql);
        parameters?.AddColumn(rows, r => r.Value);
        return parameters;
    }

    /// <summary>A value and the key of the session that it belongs to.</summary>
    private readonly record struct Keyed<T>(long Key, T Value);
}
