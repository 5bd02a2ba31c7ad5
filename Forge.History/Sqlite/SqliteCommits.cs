using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Feeds;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Sqlite;

/// <summary>Writes batches, inside a transaction of the caller's.</summary>
internal static class SqliteCommits
{
    private static readonly string Columns = string.Join(", ", HeadMove.Written.Concat(HeadMove.Names).Select(c => c.Name));

    private static readonly string NewHead = Dialect.Instance.Statement(
        $"INSERT INTO sessions ({Columns}) VALUES (@{Columns.Replace(", ", ", @", StringComparison.Ordinal)}) " +
        "ON CONFLICT (tenant, session) DO NOTHING").Text;

    // The version in the condition is the fence: whoever has an older one changes no row and is refused.
    private static readonly string NextHead = new SqlStatement(
        "UPDATE sessions SET " + string.Join(", ", HeadMove.Written.Skip(1).Select(c => $"{c.Name} = @{c.Name}")) +
        " WHERE session_key = @session_key AND version = @expected",
        Dialect.Instance.Prefix,
        HeadMove.Written.Select(c => c.Name)).Text;

    private static readonly string FindBatch =
        Dialect.Instance.Statement("SELECT version, last_batch FROM sessions WHERE tenant = @tenant AND session = @session").Text;

    // Rows that went because of their age have numbers up to the mark, which are not given again.
    private static readonly string AddFeed = Dialect.Instance.Statement("""
        INSERT INTO feed (tenant, id, written_at, entries)
        SELECT @tenant, 1 + max(
            coalesce((SELECT f.id FROM feed f WHERE f.tenant = @tenant ORDER BY f.tx DESC, f.id DESC LIMIT 1), 0),
            coalesce((SELECT m.id FROM feed_marks m WHERE m.tenant = @tenant), 0)), @at, @entries
        """).Text;

    /// <summary>Writes each commit whose session has the expected version, and that the disk has room for.</summary>
    /// <param name="database">The connection, in a transaction.</param>
    /// <param name="batch">The commits.</param>
    /// <param name="now">The time.</param>
    /// <param name="disk">What knows of room; null for a disk that always has some.</param>
    public static IReadOnlyList<CommitOutcome> Write(SqliteDatabase database, CommitBatch batch, DateTimeOffset now, SqliteDisk? disk = null)
    {
        var outcomes = new CommitOutcome[batch.Commits.Count];
        var written = new List<SessionCommit>(outcomes.Length);
        var changes = new SqliteChanges(database);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var commit = batch.Commits[i];
            if (disk is not null && !disk.MayWrite(commit))
            {
                outcomes[i] = SqliteDisk.Refused();
                continue;
            }

            if (!WriteHead(database, commit, batch.Id))
            {
                outcomes[i] = new CommitOutcome(CommitStatus.Conflict);
                continue;
            }

            changes.Apply(commit);
            written.Add(commit);
            outcomes[i] = new CommitOutcome(CommitStatus.Committed);
        }

        foreach (var (tenant, entries) in FeedEntries.ByTenant(written))
        {
            database.Prepare(AddFeed).Bind(tenant).Bind(now).Bind(entries).Execute();
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
            var found = new RowReader(row);
            var (version, last) = row.Read() ? (found.Long(), found.Guid()) : (0, Guid.Empty);
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
        var (row, move) = (database.Prepare(isNew ? NewHead : NextHead), new HeadMove(commit, batch));
        var parameters = new Parameters(row);
        foreach (var column in HeadMove.Written)
        {
            column.Write(parameters, move);
        }

        foreach (var column in isNew ? HeadMove.Names : [HeadMove.Expected])
        {
            column.Write(parameters, move);
        }

        return row.Execute() == 1;
    }
}
