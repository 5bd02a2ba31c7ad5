using Forge.History.Changes;
using Forge.History.Stores;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// The statements for all that a batch changes beside head rows and new checkpoints. They follow the fence in the same
/// transaction, and each touches only sessions whose head row names the batch: those that passed.
/// </summary>
internal static class SessionChanges
{
    private const string InsertTags = $"""
        INSERT INTO checkpoint_tags (session_key, tag, sequence)
        SELECT x.session_key, x.tag, x.sequence
        FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS x (session_key, tag, sequence) WHERE {Passed}
        """;

    private const string Passed =
        "EXISTS (SELECT FROM sessions s WHERE s.session_key = x.session_key AND s.last_batch = $1)";

    private const string OfSequences = "unnest($2::bigint[], $3::bigint[]) AS x (session_key, sequence)";

    private const string SameCheckpoint = "c.session_key = x.session_key AND c.sequence = x.sequence";

    // Tag by tag, as the rows still name them: the key of the tags' rows starts with the tag, and without it each of the
    // session's would have to be looked at.
    private const string DeleteTags = $"""
        DELETE FROM checkpoint_tags t
        USING {OfSequences}, checkpoints c, unnest(c.tags) AS g (tag)
        WHERE {SameCheckpoint} AND t.session_key = x.session_key AND t.tag = g.tag AND t.sequence = x.sequence AND {Passed}
        """;

    /// <summary>Adds the statements that a batch needs, and none else.</summary>
    public static void AddTo(NpgsqlBatch statements, CommitBatch batch)
    {
        var changes = new Builder(statements, batch);
        changes.TakeOver();
        changes.Tags();
        changes.Annotations();
        changes.Trunks();
        changes.Deletes();
        changes.Removals();
        changes.Events();
        changes.Requests();
        changes.DueWork();
    }

    private readonly struct Builder(NpgsqlBatch statements, CommitBatch batch)
    {
        public void TakeOver()
        {
            var staged = batch.Commits.Where(c => c.StagedKey != 0).ToList();
            if (staged.Count == 0)
            {
                return;
            }

            // Whoever removes abandoned rows claims the work first. Where it is claimed, rows may be gone already, and
            // the commit must not stand; the keys that come back are those that may be taken over.
            Add($"""
                DELETE FROM due_work d USING unnest($2::bigint[], $3::bigint[]) AS x (session_key, staged_key)
                WHERE d.kind = $4 AND d.session_key = x.staged_key AND d.claimed_by IS NULL AND {Passed}
                RETURNING x.staged_key
                """, staged, c => c.Head.Key, c => c.StagedKey)
                .Parameters.AddValue((short)DueWorkKind.Staging);

            var moved = staged.Where(c => c.StagedKey != c.Head.Key).ToList();
            if (moved.Count == 0)
            {
                return;
            }

            foreach (var table in new[] { "checkpoints", "checkpoint_tags", "annotations" })
            {
                var positions = table == "checkpoints" ? ", position = t.position + x.by" : "";
                Add($"""
                    UPDATE {table} t SET session_key = x.session_key{positions}
                    FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS x (session_key, staged_key, by)
                    WHERE t.session_key = x.staged_key AND {Passed}
                    """, moved, c => c.Head.Key, c => c.StagedKey).Parameters.AddColumn(moved, c => c.StagedOffset);
            }
        }

        public void Tags()
        {
            var changed = Rows(c => c.TagChanges);
            if (changed.Count > 0)
            {
                Add(DeleteTags, changed, c => c.Key, c => c.Value.Sequence);
                Add($"""
                    UPDATE checkpoints c SET first_tags = coalesce(c.first_tags, c.tags), tags = x.tags::text[]
                    FROM unnest($2::bigint[], $3::bigint[], $4::text[]) AS x (session_key, sequence, tags)
                    WHERE {SameCheckpoint} AND {Passed}
                    """, changed, c => c.Key, c => c.Value.Sequence)
                    .Parameters.AddColumn(changed, c => CommandParameters.ArrayLiteral(c.Value.Tags));
            }

            // A checkpoint that is created and given other tags in one commit has but the second ones now.
            var renewed = changed.Select(c => (c.Key, c.Value.Sequence)).ToHashSet();
            var created = Rows(c => c.Creates).Where(c => !renewed.Contains((c.Key, c.Value.Sequence)));
            var tags = created.SelectMany(c => c.Value.Tags, (c, tag) => (c.Key, c.Value.Sequence, Tag: tag))
                .Concat(changed.SelectMany(c => c.Value.Tags, (c, tag) => (c.Key, c.Value.Sequence, Tag: tag)))
                .ToList();
            if (tags.Count > 0)
            {
                var parameters = Add(InsertTags).Parameters;
                parameters.AddColumn(tags, t => t.Key);
                parameters.AddColumn(tags, t => t.Tag);
                parameters.AddColumn(tags, t => t.Sequence);
            }
        }

        public void Annotations()
        {
            var rows = Rows(c => c.Annotations);
            if (rows.Count > 0)
            {
                var parameters = Add($"""
                    INSERT INTO annotations (session_key, sequence, position, at, severity, text)
                    SELECT x.* FROM unnest(
                        $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::smallint[], $7::text[])
                        AS x (session_key, sequence, position, at, severity, text)
                    WHERE {Passed}
                    """, rows, r => r.Key, r => r.Value.Sequence).Parameters;
                parameters.AddColumn(rows, r => r.Value.Position);
                parameters.AddTimes(rows, r => r.Value.At);
                parameters.AddColumn(rows, r => (short)r.Value.Severity);
                parameters.AddColumn(rows, r => r.Value.Text);
            }
        }

        public void Trunks()
        {
            var rows = Rows(c => c.Trunks);
            if (rows.Count > 0)
            {
                Add($"UPDATE checkpoints c SET trunk = true FROM {OfSequences} WHERE {SameCheckpoint} AND NOT c.trunk AND {Passed}",
                    rows, r => r.Key, r => r.Value);
            }
        }

        public void Deletes()
        {
            var rows = Rows(c => c.Deletes);
            if (rows.Count > 0)
            {
                Add(DeleteTags, rows, r => r.Key, r => r.Value);
                Add($"DELETE FROM annotations c USING {OfSequences} WHERE {SameCheckpoint} AND {Passed}",
                    rows, r => r.Key, r => r.Value);
            }
        }

        public void Removals()
        {
            var rows = Rows(c => c.Removals);
            rows.AddRange(Rows(c => c.Deletes).Select(d => (d.Key, new SequenceRange(d.Value, d.Value))));
            if (rows.Count > 0)
            {
                Add($"""
                    INSERT INTO removed_ranges (session_key, first_sequence, last_sequence)
                    SELECT x.* FROM unnest($2::bigint[], $3::bigint[], $4::bigint[])
                        AS x (session_key, first_sequence, last_sequence)
                    WHERE {Passed} ON CONFLICT DO NOTHING
                    """, rows, r => r.Key, r => r.Value.First).Parameters.AddColumn(rows, r => r.Value.Last);
            }
        }

        public void Events()
        {
            var rows = Rows(c => c.Events);
            if (rows.Count > 0)
            {
                var parameters = Add($"""
                    INSERT INTO events (session_key, position, kind, at, sequence, last_sequence, detail, chain)
                    SELECT x.* FROM unnest(
                        $2::bigint[], $3::bigint[], $4::smallint[], $5::timestamptz[], $6::bigint[], $7::bigint[], $8::text[],
                        $9::bytea[]) AS x (session_key, position, kind, at, sequence, last_sequence, detail, chain)
                    WHERE {Passed}
                    """, rows, r => r.Key, r => r.Value.Position).Parameters;
                parameters.AddColumn(rows, r => (short)r.Value.Kind);
                parameters.AddTimes(rows, r => r.Value.At);
                parameters.AddColumn(rows, r => r.Value.Sequence);
                parameters.AddColumn(rows, r => r.Value.LastSequence);
                parameters.AddColumn(rows, r => r.Value.Detail);
                parameters.AddColumn(rows, r => r.Value.Chain);
            }
        }

        public void Requests()
        {
            var rows = Rows(c => c.Requests);
            if (rows.Count > 0)
            {
                var parameters = Add($"""
                    INSERT INTO requests (session_key, id, at, kind, outcome)
                    SELECT x.* FROM unnest($2::bigint[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[])
                        AS x (session_key, id, at, kind, outcome)
                    WHERE {Passed}
                    """, rows, r => r.Key, r => r.Value.Id).Parameters;
                parameters.AddTimes(rows, r => r.Value.At);
                parameters.AddColumn(rows, r => r.Value.Kind);
                parameters.AddColumn(rows, r => r.Value.Outcome);
            }
        }

        public void DueWork()
        {
            var rows = Rows(c => c.DueWork);
            if (rows.Count > 0)
            {
                // A row that is there is locked: work whose last step is just removing that row is waited for, and work that
                // was added to is not removed. Without the lock a range could be left for ever.
                Add($"""
                    INSERT INTO due_work (kind, session_key, due_at)
                    SELECT DISTINCT ON (x.session_key, x.kind) x.kind, x.session_key, x.due_at
                    FROM unnest($2::bigint[], $3::smallint[], $4::timestamptz[]) AS x (session_key, kind, due_at)
                    WHERE {Passed} ORDER BY x.session_key, x.kind, x.due_at
                    ON CONFLICT (kind, session_key) DO UPDATE
                    SET due_at = least(due_work.due_at, excluded.due_at), noted = due_work.noted + 1
                    """, rows, r => r.Key, r => (short)r.Value.Kind).Parameters.AddTimes(rows, r => r.Value.DueAt);
            }
        }

        private NpgsqlBatchCommand Add(string sql)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddValue(batch.Id);
            statements.BatchCommands.Add(command);
            return command;
        }

        private NpgsqlBatchCommand Add<TRow, T1, T2>(string sql, List<TRow> rows, Func<TRow, T1> first, Func<TRow, T2> second)
        {
            var command = Add(sql);
            command.Parameters.AddColumn(rows, first);
            command.Parameters.AddColumn(rows, second);
            return command;
        }

        private List<(long Key, T Value)> Rows<T>(Func<SessionCommit, IReadOnlyList<T>> values)
        {
            var rows = new List<(long, T)>();
            foreach (var commit in batch.Commits)
            {
                foreach (var value in values(commit))
                {
                    rows.Add((commit.Head.Key, value));
                }
            }

            return rows;
        }
    }
}
