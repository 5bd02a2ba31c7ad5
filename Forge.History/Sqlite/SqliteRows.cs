using System.Collections.Immutable;
using Forge.Checkpoints;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Sqlite;

/// <summary>Rows as the history's records.</summary>
internal static class SqliteRows
{
    private static readonly Selection<StoredCheckpoint> Summary = HistoryTables.Checkpoints.Without(ColumnUse.Heavy);

    /// <summary>All of a checkpoint but its state.</summary>
    public static readonly string SummaryColumns = Summary.Of("c");

    public static readonly string AllColumns = HistoryTables.Checkpoints.All.Of("c");

    /// <summary>True if a row <c>c</c> is not kept for others alone, and no removed range covers it.</summary>
    public const string NotRemoved =
        "c.removed = 0 AND NOT EXISTS (SELECT 1 FROM removed_ranges r WHERE r.session_key = c.session_key " +
        "AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence)";

    private static readonly string FindSession = Text(
        "SELECT session_key, version, deleted_at IS NOT NULL, last_sequence, head_sequence, current_sequence " +
        "FROM sessions WHERE tenant = @tenant AND session = @session");

    private static readonly string FindVersion = Text("SELECT version FROM sessions WHERE session_key = @key");

    private static readonly string FindHead =
        Text($"SELECT {HistoryTables.Sessions.All.Names} FROM sessions WHERE tenant = @tenant AND session = @session");

    private static readonly string FindBranches = Text(BranchLines.Select("@key"));

    private static readonly string FindBranch =
        Text("SELECT head_sequence, current_sequence FROM branches WHERE session_key = @key AND branch = @branch");

    private static readonly string FindId = Text("SELECT id FROM checkpoints WHERE session_key = @key AND sequence = @sequence");

    private static readonly string FindState = Text(
        "SELECT id, codec, base_sequence, group_sequence, size, checksum, stored FROM checkpoints " +
        "WHERE session_key = @key AND sequence = @sequence");

    private static readonly string RemovedRanges =
        Text($"SELECT {HistoryTables.RemovedRanges.All.Names} FROM removed_ranges WHERE session_key = @key");

    private static readonly string FindAnnotations = Text(
        "SELECT position, at, severity, text FROM annotations WHERE session_key = @key AND sequence = @sequence ORDER BY position");

    // A cross join keeps its order: those that require it first, which are few.
    private static readonly string FindRequirers = Text(
        "SELECT c.sequence FROM requirements q CROSS JOIN checkpoints c ON c.session_key = q.session_key AND c.sequence = q.sequence " +
        $"WHERE q.session_key = @key AND q.required_sequence = @sequence AND {NotRemoved} ORDER BY q.sequence");

    /// <summary>The text of a statement that is written with names, whose values are bound in the order of these.</summary>
    public static string Text(string named) => Dialect.Instance.Statement(named).Text;

    /// <summary>What a read has to know of a session; key 0 if there is none to show.</summary>
    public static SqliteSession Session(SqliteDatabase database, SessionAddress address)
    {
        var row = database.Prepare(FindSession).Bind(address.Tenant.Value).Bind(address.Session.Value);
        if (!row.Read())
        {
            return default;
        }

        var found = new RowReader(row);
        var (key, version, isDeleted) = (found.Long(), found.Long(), found.Bool());
        var session = new SqliteSession(isDeleted ? 0 : key, version, found.Long(), found.Long(), found.Long()) { RowKey = key };
        row.Reset();
        return session;
    }

    /// <summary>The versions of the head rows that there are of some, by their keys.</summary>
    public static IReadOnlyDictionary<long, long> Versions(SqliteDatabase database, IReadOnlyCollection<long> keys)
    {
        var versions = new Dictionary<long, long>(keys.Count);
        foreach (var key in keys)
        {
            if (database.Prepare(FindVersion).Bind(key).Scalar() is { } version)
            {
                versions.Add(key, version);
            }
        }

        return versions;
    }

    public static HeadRead? Head(SqliteDatabase database, SessionAddress address)
    {
        var row = database.Prepare(FindHead).Bind(address.Tenant.Value).Bind(address.Session.Value);
        if (!row.Read())
        {
            return null;
        }

        var head = HistoryTables.Sessions.All.Read(new RowReader(row));
        row.Reset();
        return new HeadRead(head, Id(database, head.Key, head.Head), Id(database, head.Key, head.Current))
        {
            Branches = head.DeletedAt is null ? Branches(database, head.Key) : HeadRead.NoBranches,
        };
    }

    /// <summary>What a reference names by its sequence: of a session that is there, and not by an id; 0 for nothing.</summary>
    public static long SequenceOf(SqliteDatabase database, SqliteSession session, CheckpointReference checkpoint)
    {
        if (checkpoint.OtherBranch is not { } branch)
        {
            return checkpoint.IsLatest ? session.Head : checkpoint.IsCurrent ? session.Current : checkpoint.Sequence;
        }

        var row = database.Prepare(FindBranch).Bind(session.Key).Bind(branch);
        var from = new RowReader(row);
        var (head, current) = row.Read() ? (from.Long(), from.Long()) : (0, 0);
        row.Reset();
        return checkpoint.IsLatest ? head : current;
    }

    /// <summary>The checkpoint of the row that a statement is at.</summary>
    public static StoredCheckpoint Checkpoint(SqliteStatement row, bool withState) => Checkpoint(new RowReader(row), withState);

    /// <summary>The same of a reader that stands before it.</summary>
    public static StoredCheckpoint Checkpoint(RowReader row, bool withState) =>
        (withState ? HistoryTables.Checkpoints.All : Summary).Read(row);

    /// <summary>The rows that the state of a checkpoint is decoded on.</summary>
    public static IReadOnlyList<EncodedState> Bases(SqliteDatabase database, long key, StoredCheckpoint row) =>
        BasePath.Follow(row, sequence => State(database, key, sequence));

    public static IReadOnlyList<Annotation> Annotations(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindAnnotations).Bind(key).Bind(sequence);
        List<Annotation>? found = null;
        while (row.Read())
        {
            var from = new RowReader(row);
            (found ??= []).Add(new Annotation(from.Long(), from.Time(), (AnnotationSeverity)from.Short(), from.Text()));
        }

        return found is null ? [] : found;
    }

    /// <summary>The visible checkpoints that require one.</summary>
    public static Requirers RequirersOf(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindRequirers).Bind(key).Bind(sequence);
        var (first, count) = (new List<long>(), 0L);
        while (row.Read())
        {
            if (count++ < Requirers.Most)
            {
                first.Add(new RowReader(row).Long());
            }
        }

        return new Requirers(count, first);
    }

    /// <summary>What the removed ranges of a session cover.</summary>
    public static RemovedSequences Removed(SqliteDatabase database, long key)
    {
        var row = database.Prepare(RemovedRanges).Bind(key);
        List<SequenceRange>? ranges = null;
        while (row.Read())
        {
            (ranges ??= []).Add(HistoryTables.RemovedRanges.All.Read(new RowReader(row)));
        }

        return new RemovedSequences(ranges);
    }

    private static EncodedState? State(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindState).Bind(key).Bind(sequence);
        if (!row.Read())
        {
            return null;
        }

        var from = new RowReader(row);
        var state = new EncodedState(
            sequence, new CheckpointId(from.Guid()), from.Short(), from.OptionalLong(), from.OptionalLong(), from.Int(),
            from.Bytes(), from.Bytes());
        row.Reset();
        return state;
    }

    private static ImmutableSortedDictionary<string, BranchLine> Branches(SqliteDatabase database, long key)
    {
        var row = database.Prepare(FindBranches).Bind(key);
        var (from, branches) = (new RowReader(row), HeadRead.NoBranches);
        while (row.Read())
        {
            from.Begin();
            var (branch, line) = BranchLines.Read(from);
            branches = branches.Add(branch, line);
        }

        return branches;
    }

    private static CheckpointId Id(SqliteDatabase database, long key, long sequence)
    {
        var row = database.Prepare(FindId).Bind(key).Bind(sequence);
        if (!row.Read())
        {
            return default;
        }

        var id = new CheckpointId(new RowReader(row).Guid());
        row.Reset();
        return id;
    }
}

/// <summary>What a read has to know of a session.</summary>
/// <param name="Key">Its key; 0 if there is no such session or it is deleted.</param>
/// <param name="Version">The version of its head row; 0 if there is none.</param>
/// <param name="LastSequence">The greatest sequence given out.</param>
/// <param name="Head">The head.</param>
/// <param name="Current">The current checkpoint.</param>
internal readonly record struct SqliteSession(long Key, long Version, long LastSequence, long Head, long Current)
{
    public bool IsThere => Key != 0;

    /// <summary>The key of its head row, also if it is deleted; 0 if there is none.</summary>
    public long RowKey { get; init; }
}
