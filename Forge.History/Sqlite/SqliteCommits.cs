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

    private const string FindBatch = "SELECT version, last_batch FROM sessions WHERE tenant = ?1 AND session = ?2";

    /// <summary>Writes each commit whose session has the expected version.</summary>
    public static IReadOnlyList<CommitOutcome> Write(SqliteDatabase database, CommitBatch batch)
    {
        var outcomes = new CommitOutcome[batch.Commits.Count];
        var changes = new SqliteChanges(database);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var commit = batch.Commits[i];
            if (!WriteHead(database, commit, batch.Id))
            {
                outcomes[i] = new CommitOutcome(CommitStatus.Conflict);
                continue;
            }

            changes.Apply(commit);
            outcomes[i] = new CommitOutcome(CommitStatus.Committed);
        }

        SqliteCheckpoints.Release(database);
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
}
