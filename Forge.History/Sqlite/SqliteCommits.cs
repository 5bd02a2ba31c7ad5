using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.PostgreSql;
using Forge.History.Stores;

namespace Forge.History.Sqlite;

/// <summary>Writes batches, inside a transaction of the caller's.</summary>
internal static class SqliteCommits
{
    private const string NewHead =
        "INSERT INTO sessions (" + SqliteRows.HeadColumns + ", tenant, session) " +
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) " +
        "ON CONFLICT (tenant, session) DO NOTHING";

    // The version in the condition is the fence: whoever has an older one changes no row and is refused.
    private const string NextHead =
        "UPDATE sessions SET incarnation = ?2, version = ?3, last_batch = ?4, created_at = ?5, last_created_at = ?6, " +
        "last_sequence = ?7, head_sequence = ?8, current_sequence = ?9, last_position = ?10, checkpoint_count = ?11, " +
        "checkpoint_bytes = ?12, settings = ?13, origin_key = ?14, origin_sequence = ?15, chain = ?16, deleted_at = ?17, seal = ?18 " +
        "WHERE session_key = ?1 AND version = ?19";

    private const string SetTags =
        "UPDATE checkpoints SET first_tags = coalesce(first_tags, tags), tags = ?3 WHERE session_key = ?1 AND sequence = ?2";

    private const string MarkTrunk = "UPDATE checkpoints SET trunk = 1 WHERE session_key = ?1 AND sequence = ?2";

    private const string AddRange =
        "INSERT INTO removed_ranges (session_key, first_sequence, last_sequence) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

    private const string AddEvent =
        "INSERT INTO events (session_key, position, kind, at, sequence, last_sequence, detail, chain) " +
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

    private const string AddRequest =
        "INSERT INTO requests (session_key, id, at, kind, outcome) VALUES (?1, ?2, ?3, ?4, ?5)";

    private const string FindBatch = "SELECT version, last_batch FROM sessions WHERE tenant = ?1 AND session = ?2";

    /// <summary>Writes each commit whose session has the expected version.</summary>
    public static IReadOnlyList<CommitOutcome> Write(SqliteDatabase database, CommitBatch batch)
    {
        var outcomes = new CommitOutcome[batch.Commits.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var commit = batch.Commits[i];
            if (!WriteHead(database, commit, batch.Id))
            {
                outcomes[i] = new CommitOutcome(CommitStatus.Conflict);
                continue;
            }

            WriteRows(database, commit);
            outcomes[i] = new CommitOutcome(CommitStatus.Committed);
        }

        return outcomes;
    }

    /// <summary>Says by the head rows what became of each commit.</summary>
    public static IReadOnlyList<CommitOutcome> FindOut(SqliteDatabase database, CommitBatch batch)
    {
        var outcomes = new CommitOutcome[batch.Commits.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var commit = batch.Commits[i];
            var row = database.Prepare(FindBatch).Bind(commit.Address.Tenant.Value).Bind(commit.Address.Session.Value);
            var (version, last) = row.Read() ? (row.Int64(0), row.Guid(1)) : (0, Guid.Empty);
            row.Reset();
            outcomes[i] = new CommitOutcome(
                last == batch.Id ? CommitStatus.Committed
                : version == commit.ExpectedVersion ? CommitStatus.Unavailable
                : CommitStatus.Unknown);
        }

        return outcomes;
    }

    private static bool WriteHead(SqliteDatabase database, SessionCommit commit, Guid batch)
    {
        var isNew = commit.ExpectedVersion == 0;
        var head = commit.Head;
        var row = database.Prepare(isNew ? NewHead : NextHead)
            .Bind(head.Key).Bind(head.Incarnation).Bind(head.Version).Bind(batch).Bind(head.CreatedAt)
            .Bind(head.LastCreatedAt).Bind(head.LastSequence).Bind(head.Head).Bind(head.Current).Bind(head.LastPosition)
            .Bind(head.Count).Bind(head.Bytes).Bind(head.Settings).Bind(head.OriginKey).Bind(head.OriginSequence)
            .Bind(head.Chain).Bind(head.DeletedAt).Bind(RowSeal.OfHead(commit.Address, head, batch));
        row = isNew
            ? row.Bind(commit.Address.Tenant.Value).Bind(commit.Address.Session.Value)
            : row.Bind(commit.ExpectedVersion);
        return row.Execute() == 1;
    }

    private static void WriteRows(SqliteDatabase database, SessionCommit commit)
    {
        var key = commit.Head.Key;
        if (commit.StagedKey != 0)
        {
            SqliteStaging.TakeOver(database, commit.StagedKey, key, commit.StagedOffset);
        }

        SqliteCheckpoints.Insert(database, key, commit.Creates);
        foreach (var change in commit.TagChanges)
        {
            SqliteCheckpoints.DeleteTags(database, key, change.Sequence);
            var tags = SqliteValues.FromTags(change.Tags);
            if (database.Prepare(SetTags).Bind(key).Bind(change.Sequence).Bind(tags).Execute() == 1)
            {
                SqliteCheckpoints.InsertTags(database, key, change.Sequence, change.Tags);
            }
        }

        foreach (var note in commit.Annotations)
        {
            SqliteCheckpoints.Annotate(database, key, note);
        }

        foreach (var sequence in commit.Trunks)
        {
            database.Prepare(MarkTrunk).Bind(key).Bind(sequence).Execute();
        }

        foreach (var sequence in commit.Deletes)
        {
            SqliteCheckpoints.Hide(database, key, sequence);
            database.Prepare(AddRange).Bind(key).Bind(sequence).Bind(sequence).Execute();
        }

        foreach (var range in commit.Removals)
        {
            database.Prepare(AddRange).Bind(key).Bind(range.First).Bind(range.Last).Execute();
        }

        foreach (var happened in commit.Events)
        {
            database.Prepare(AddEvent)
                .Bind(key).Bind(happened.Position).Bind((long)happened.Kind).Bind(happened.At).Bind(happened.Sequence)
                .Bind(happened.LastSequence).Bind(happened.Detail).Bind(happened.Chain).Execute();
        }

        foreach (var request in commit.Requests)
        {
            database.Prepare(AddRequest)
                .Bind(key).Bind(request.Id).Bind(request.At).Bind(request.Kind).Bind(request.Outcome).Execute();
        }

        foreach (var work in commit.DueWork)
        {
            SqliteWork.Add(database, work.Kind, key, work.DueAt);
        }
    }
}
