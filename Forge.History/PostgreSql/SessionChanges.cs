using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// All that a batch changes beside head rows and new checkpoints, gathered by kind, and the statements for it. They follow the
/// fence in the same transaction, and each touches only sessions whose head row names the batch: those that passed.
/// </summary>
internal sealed partial class SessionChanges : IChangeVisitor
{
    private const string Passed = PassedInserts.Passed;
    private const string OfSequences = "unnest(@keys::bigint[], @sequences::bigint[]) AS x (session_key, sequence)";
    private const string SameCheckpoint = "c.session_key = x.session_key AND c.sequence = x.sequence";

    private static readonly PassedInsert<Keyed<NewAnnotation>> AddAnnotations = Under(HistoryTables.Annotations);
    private static readonly PassedInsert<Keyed<SequenceRange>> AddRanges = Under(HistoryTables.RemovedRanges, "ON CONFLICT DO NOTHING");
    private static readonly PassedInsert<Keyed<SequenceRange>> AddTrunks = Under(HistoryTables.TrunkRanges, "ON CONFLICT DO NOTHING");
    private static readonly PassedInsert<Keyed<SessionBranch>> MoveBranches = Replacing(HistoryTables.Branches, "session_key, branch");

    private static readonly SqlStatement EndBranches = Of($"""
        DELETE FROM branches b USING unnest(@keys::bigint[], @branches::text[]) AS x (session_key, branch)
        WHERE b.session_key = x.session_key AND b.branch = x.branch AND {Passed}
        """);

    private static readonly PassedInsert<Keyed<Requirement>> AddRequirements = Under(HistoryTables.Requirements);
    private static readonly PassedInsert<Keyed<SessionEvent>> AddEvents = Under(HistoryTables.Events);
    private static readonly PassedInsert<Keyed<RememberedRequest>> AddRequests = Under(HistoryTables.Requests);
    private static readonly PassedInsert<Keyed<ForkLink>> AddForks = Under(HistoryTables.Forks);

    // An import can bring back an id that something is remembered of already: that stays, and is no reason not to remove a
    // checkpoint.
    private static readonly PassedInsert<Keyed<RememberedRequest>> AddCreates = Under(HistoryTables.Requests, "ON CONFLICT DO NOTHING");

    // A row that is there is locked: work whose last step is just removing that row is waited for, and work that was added to
    // is not removed. Without the lock a range could be left for ever.
    private static readonly PassedInsert<FoundWork> AddWork = new(HistoryTables.FoundWork.Name, new SentRows<FoundWork>("", [.. HistoryTables.FoundWork.Written]), """
        ORDER BY x.session_key, x.kind ON CONFLICT (kind, session_key) DO UPDATE
        SET due_at = CASE WHEN due_work.failures > 0 THEN due_work.due_at ELSE least(due_work.due_at, excluded.due_at) END,
            noted = due_work.noted + 1
        """);

    // Tag by tag, as the rows still name them: the key of the tags' rows starts with the tag, and without it each of the
    // session's would have to be looked at.
    private static readonly SqlStatement DeleteTags = Of($"""
        DELETE FROM checkpoint_tags t
        USING {OfSequences}, checkpoints c, unnest(c.tags) AS g (tag)
        WHERE {SameCheckpoint} AND t.session_key = x.session_key AND t.tag = g.tag AND t.sequence = x.sequence AND {Passed}
        """);

    // Of what the checkpoints' own rows say: the tags that they have now, with the tenant and time that they are searched by.
    private static readonly SqlStatement AddTags = Of($"""
        INSERT INTO checkpoint_tags (session_key, tag, sequence, tenant, created_at)
        SELECT x.session_key, g.tag, x.sequence, s.tenant, c.created_at
        FROM {OfSequences}
        JOIN sessions s ON s.session_key = x.session_key AND s.last_batch = @batch
        JOIN checkpoints c ON {SameCheckpoint}
        CROSS JOIN LATERAL unnest(c.tags) AS g (tag)
        """);

    private static readonly SqlStatement DeleteLabels = Of(
        $"DELETE FROM session_labels l USING unnest(@keys::bigint[]) AS x (session_key) WHERE l.session_key = x.session_key AND {Passed}");

    private static readonly SqlStatement AddLabels = Of($"""
        INSERT INTO session_labels (session_key, name, value, tenant, session, active_at)
        SELECT s.session_key, x.name, x.value, s.tenant, s.session, {StoredActivity.OfHead}
        FROM unnest(@keys::bigint[], @names::text[], @values::text[]) AS x (session_key, name, value)
        JOIN sessions s ON s.session_key = x.session_key AND s.last_batch = @batch
        """);

    // Of a session that is new; the time of others is noted behind their commits.
    private static readonly SqlStatement AddActivity = Of($"""
        INSERT INTO session_activity (session_key, tenant, active_at)
        SELECT s.session_key, s.tenant, {StoredActivity.OfHead} FROM unnest(@keys::bigint[]) AS x (session_key)
        JOIN sessions s ON s.session_key = x.session_key AND s.last_batch = @batch
        ON CONFLICT DO NOTHING
        """);

    private static readonly SqlStatement SetTags = Of($"""
        UPDATE checkpoints c SET first_tags = coalesce(c.first_tags, c.tags), tags = x.tags::text[]
        FROM unnest(@keys::bigint[], @sequences::bigint[], @tags::text[]) AS x (session_key, sequence, tags)
        WHERE {SameCheckpoint} AND {Passed}
        """);

    private static readonly SqlStatement Mend = Of($"""
        UPDATE checkpoints c
        SET codec = x.codec | (c.codec & 16::smallint), base_sequence = NULL, group_sequence = x.group_sequence, stored_size = octet_length(x.stored), stored = x.stored
        FROM unnest(
            @keys::bigint[], @sequences::bigint[], @codecs::smallint[], @groups::bigint[], @sizes::integer[], @checksums::bytea[],
            @states::bytea[])
            AS x (session_key, sequence, codec, group_sequence, size, checksum, stored)
        WHERE {SameCheckpoint} AND c.size = x.size AND c.checksum = x.checksum AND {Passed}
        """);

    private static readonly SqlStatement DeleteAnnotations = Of(
        $"DELETE FROM annotations c USING {OfSequences} WHERE {SameCheckpoint} AND {Passed}");

    // Whoever removes abandoned rows claims the work first. If it is claimed, rows may be gone already, and the commit must
    // not stand; the keys that come back are those that may be taken over.
    private static readonly SqlStatement CloseStaging = Of($"""
        DELETE FROM due_work d USING unnest(@keys::bigint[], @staged::bigint[]) AS x (session_key, staged_key)
        WHERE d.kind = {(short)DueWorkKind.Staging} AND d.session_key = x.staged_key AND d.claimed_by IS NULL AND {Passed}
        RETURNING x.staged_key
        """);

    private static readonly SqlStatement[] Move =
    [
        Of(MoveRows("checkpoints", ", position = t.position + x.by")),
        Of(MoveRows("checkpoint_tags", "")),
        Of(MoveRows("annotations", "")),
    ];

    private static readonly SqlStatement MoveRequirements = Of(MoveRows("requirements", ""));

    private readonly Guid _batch;
    private readonly HashSet<(long Key, long Sequence)> _firstTags = [];
    private readonly List<Keyed<Requirement>> _requirements = [];
    private readonly List<Keyed<Tagged>> _tagged = [];
    private readonly List<Keyed<EncodedState>> _mended = [];
    private readonly List<Keyed<NewAnnotation>> _annotations = [];
    private readonly List<Keyed<SequenceRange>> _trunks = [];
    private readonly List<Keyed<long>> _removed = [];
    private readonly List<Keyed<SequenceRange>> _ranges = [];
    private readonly List<Keyed<SessionBranch>> _branches = [];
    private readonly List<Keyed<string>> _ended = [];
    private readonly List<Keyed<SessionEvent>> _events = [];
    private readonly List<Keyed<RememberedRequest>> _requests = [];
    private readonly List<Keyed<RememberedRequest>> _creates = [];
    private readonly List<FoundWork> _due = [];
    private readonly List<long> _new = [];
    private readonly List<Keyed<IReadOnlyList<StoredLabel>>> _labelled = [];
    private readonly List<Keyed<ForkLink>> _forks = [];
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
            if (commit.ExpectedVersion == 0)
            {
                changes._new.Add(changes._key);
            }

            commit.Apply(changes);
            changes.Feed(commit);
        }

        return changes;
    }

    /// <summary>The row goes with the fence, its tags as those of others do.</summary>
    public void Visit(Created change)
    {
        if (change.Row.Tags.Count > 0)
        {
            _firstTags.Add((_key, change.Row.Sequence));
        }

        if (change.Row.Requires is not null)
        {
            _requirements.AddRange(Requirement.Of(change.Row).Select(requirement => new Keyed<Requirement>(_key, requirement)));
        }
    }

    public void Visit(Tagged change)
    {
        // A checkpoint that is created and given other tags in one commit has but the second ones now, and its rows once.
        _firstTags.Remove((_key, change.Sequence));
        _tagged.Add(new(_key, change));
    }

    public void Visit(Mended change) => _mended.Add(new(_key, change.Copy));

    public void Visit(Annotated change) => _annotations.Add(new(_key, change.Note));

    public void Visit(Removed change)
    {
        _removed.Add(new(_key, change.Sequence));
        _ranges.Add(new(_key, new SequenceRange(change.Sequence, change.Sequence)));
    }

    public void Visit(RangeRemoved change) => _ranges.Add(new(_key, change.Range));

    public void Visit(TrunksMarked change) => _trunks.Add(new(_key, change.Range));

    public void Visit(BranchMoved change)
    {
        if (change.Branch.Count > 0)
        {
            _branches.Add(new(_key, change.Branch));
        }
        else
        {
            _ended.Add(new(_key, change.Branch.Branch));
        }
    }

    public void Visit(Logged change) => _events.Add(new(_key, change.Event));

    public void Visit(Remembered change) => (change.Request.Kind switch
    {
        RemovedCreate.Kind => _creates,
        RememberedRequest.CreateWrites => _writesOfCreates,
        _ => _requests,
    }).Add(new(_key, change.Request));

    public void Visit(Due change) => _due.Add(new FoundWork(_key, change.Kind, change.At));

    public void Visit(Labelled change) => _labelled.Add(new(_key, change.Labels));

    public void Visit(TookOver change) => Staged.Add(_key, change);

    /// <summary>All of it goes with the fence.</summary>
    public void Visit(Claimed change)
    {
    }

    /// <summary>All of it goes with the fence.</summary>
    public void Visit(DueStateMoved change)
    {
    }

    public void Visit(Revived change) => _new.Add(_key);

    public void Visit(BeganFrom change) => _forks.Add(new(_key, change.Link));

    /// <summary>Adds the statements that the changes need, and none else, in an order in which each finds what it stands on.</summary>
    public void AddTo(NpgsqlBatch statements)
    {
        TakeOver(statements);
        AddRequirements.AddTo(statements, _batch, _requirements);
        Tag(statements);
        MendRows(statements);
        AddAnnotations.AddTo(statements, _batch, _annotations);
        PutWrites.AddTo(statements, _batch, _writes);
        Add(statements, DeleteTags, _removed);
        Add(statements, DeleteAnnotations, _removed);
        AddRanges.AddTo(statements, _batch, _ranges);
        AddTrunks.AddTo(statements, _batch, _trunks);
        MoveBranches.AddTo(statements, _batch, _branches);
        if (_ended.Count > 0)
        {
            Add(
                statements,
                EndBranches,
                ("keys", _ended.Select(b => b.Key).ToArray()),
                new SqlArgument("branches", p => p.List(SqlType.Text, _ended.Select(b => b.Row).ToArray())));
        }

        AddEffects(statements);
        AddEvents.AddTo(statements, _batch, _events);
        AddRequests.AddTo(statements, _batch, _requests);
        AddCreates.AddTo(statements, _batch, _creates);
        PutWritesOfCreates.AddTo(statements, _batch, _writesOfCreates);
        Label(statements);
        AddForks.AddTo(statements, _batch, _forks);
        AddWork.AddTo(statements, _batch, _due);
        AddFeed(statements);
    }

    private void TakeOver(NpgsqlBatch statements)
    {
        if (Staged.Count == 0)
        {
            return;
        }

        Add(statements, CloseStaging, ("keys", Staged.Keys.ToArray()), ("staged", Staged.Values.Select(t => t.Key).ToArray()));
        var moved = Staged.Where(s => s.Value.Key != s.Key).ToList();
        SqlStatement[] moves =
        [
            .. Move,
            .. moved.Exists(s => s.Value.Require) ? [MoveRequirements] : (SqlStatement[])[],
            .. moved.Exists(s => s.Value.Writes) ? [MoveWrites] : (SqlStatement[])[],
            .. moved.Exists(s => s.Value.HasEffects) ? [MoveEffects] : (SqlStatement[])[],
        ];
        foreach (var statement in moved.Count == 0 ? [] : moves)
        {
            Add(
                statements,
                statement,
                ("keys", moved.Select(s => s.Key).ToArray()),
                ("staged", moved.Select(s => s.Value.Key).ToArray()),
                ("by", moved.Select(s => s.Value.Offset).ToArray()));
        }
    }

    private void Tag(NpgsqlBatch statements)
    {
        Add(statements, DeleteTags, _tagged.ConvertAll(t => new Keyed<long>(t.Key, t.Row.Sequence)));
        if (_tagged.Count > 0)
        {
            Add(
                statements,
                SetTags,
                ("keys", _tagged.Select(t => t.Key).ToArray()),
                ("sequences", _tagged.Select(t => t.Row.Sequence).ToArray()),
                new SqlArgument("tags", p => p.List(SqlType.Texts, _tagged.Select(t => t.Row.Tags).ToArray())));
        }

        Add(statements, AddTags,
        [
            .. _firstTags.Select(c => new Keyed<long>(c.Key, c.Sequence)),
            .. _tagged.Where(t => t.Row.Tags.Count > 0).Select(t => new Keyed<long>(t.Key, t.Row.Sequence)),
        ]);
    }

    private void Label(NpgsqlBatch statements)
    {
        if (_new.Count > 0)
        {
            Add(statements, AddActivity, ("keys", _new.ToArray()));
        }

        if (_labelled.Count > 0)
        {
            Add(statements, DeleteLabels, ("keys", _labelled.Select(l => l.Key).ToArray()));
        }

        var labels = _labelled.SelectMany(l => l.Row, (l, label) => new Keyed<StoredLabel>(l.Key, label)).ToList();
        if (labels.Count > 0)
        {
            Add(
                statements,
                AddLabels,
                ("keys", labels.Select(l => l.Key).ToArray()),
                new SqlArgument("names", p => p.List(SqlType.Text, labels.Select(l => l.Row.Name).ToArray())),
                new SqlArgument("values", p => p.List(SqlType.Text, labels.Select(l => l.Row.Value).ToArray())));
        }
    }

    private void MendRows(NpgsqlBatch statements)
    {
        if (_mended.Count > 0)
        {
            Add(
                statements,
                Mend,
                ("keys", Of(m => m.Key)),
                ("sequences", Of(m => m.Row.Sequence)),
                List("codecs", SqlType.Short, m => m.Row.Codec),
                List("groups", SqlType.Long, m => m.Row.Group),
                List("sizes", SqlType.Int, m => m.Row.Size),
                List("checksums", SqlType.Bytes, m => m.Row.Checksum),
                List("states", SqlType.Bytes, m => m.Row.Stored));
        }

        T[] Of<T>(Func<Keyed<EncodedState>, T> value) => [.. _mended.Select(value)];

        SqlArgument List<T>(string name, SqlType type, Func<Keyed<EncodedState>, T> value) => new(name, p => p.List(type, Of(value)));
    }

    private void Add(NpgsqlBatch statements, SqlStatement statement, List<Keyed<long>> sequences)
    {
        if (sequences.Count > 0)
        {
            Add(
                statements,
                statement,
                ("keys", sequences.Select(s => s.Key).ToArray()),
                ("sequences", sequences.Select(s => s.Row).ToArray()));
        }
    }

    private void Add(NpgsqlBatch statements, SqlStatement statement, params ReadOnlySpan<SqlArgument> arguments)
    {
        var command = new NpgsqlBatchCommand(statement.Text);
        var batch = _batch;
        statement.Write(new Parameters(command.Parameters), [new SqlArgument("batch", p => p.Guid(batch)), .. arguments]);
        statements.BatchCommands.Add(command);
    }

    private static PassedInsert<Keyed<TRow>> Under<TRow>(Table<TRow> table, string behind = "") => PassedInserts.Under(table, behind);

    /// <summary>Adds rows, or puts them in the place of those that have the same key.</summary>
    private static PassedInsert<Keyed<TRow>> Replacing<TRow>(Table<TRow> table, string key) => Under(
        table,
        $"ON CONFLICT ({key}) DO UPDATE SET "
        + string.Join(", ", table.Written.Where(c => !c.Is(ColumnUse.Key)).Select(c => $"{c.Name} = excluded.{c.Name}")));

    private static SqlStatement Of(string text) => Dialect.Instance.Statement(text);

    private static string MoveRows(string table, string positions) => $"""
        UPDATE {table} t SET session_key = x.session_key{positions}
        FROM unnest(@keys::bigint[], @staged::bigint[], @by::bigint[]) AS x (session_key, staged_key, by)
        WHERE t.session_key = x.staged_key AND {Passed}
        """;
}
