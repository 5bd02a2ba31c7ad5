using Forge.Checkpoints;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.History.Sqlite;

internal sealed partial class SqliteHistoryStore
{
    private const string Conditions = "c.removed = 0 AND c.sequence > @after AND c.sequence < @before";

    // No index is on triggers, which most checkpoints share, nor on main: those with others are passed over here, where they are counted.
    private static readonly string Columns = $"c.trigger_kind, c.branch, {SqliteRows.SummaryColumns}";

    private static readonly string Any = $"SELECT {Columns} FROM checkpoints c WHERE c.session_key = @key AND {Conditions}";

    // A cross join keeps its order: the tags of the session first, which are few and lie in the order of the list.
    private static readonly string Tagged =
        $"SELECT {Columns} FROM checkpoint_tags t CROSS JOIN checkpoints c " +
        "ON c.session_key = t.session_key AND c.sequence = t.sequence " +
        $"WHERE t.session_key = @key AND t.tag = @tag AND t.sequence > @after AND t.sequence < @before AND {Conditions}";

    // Its index has the branch of each in the order of sequences. Those of others are passed over there, and no row of them is read.
    private static readonly string Branched =
        $"SELECT {Columns} FROM checkpoints c INDEXED BY checkpoints_branch WHERE c.session_key = @key AND c.branch = @branch AND {Conditions}";

    /// <summary>How many entries of the index of branches are looked at at the cost of about one row.</summary>
    private const int EntriesARow = 25;

    private static readonly string BranchHead = SqliteRows.Text(
        "SELECT head_sequence FROM branches WHERE session_key = @key AND branch = @branch");

    private static readonly string LastLookedNewest = LookedText("DESC");
    private static readonly string LastLookedOldest = LookedText("ASC");

    private static readonly string AnyNewest = ListText(Any + " ORDER BY c.sequence DESC");
    private static readonly string AnyOldest = ListText(Any + " ORDER BY c.sequence");
    private static readonly string BranchedNewest = ListText(Branched + " ORDER BY c.sequence DESC");
    private static readonly string BranchedOldest = ListText(Branched + " ORDER BY c.sequence");
    private static readonly string TaggedNewest = ListText(Tagged + " ORDER BY t.sequence DESC");
    private static readonly string TaggedOldest = ListText(Tagged + " ORDER BY t.sequence");

    private static readonly string RowFrom = SqliteRows.Text(
        "SELECT c.sequence, c.created_at FROM checkpoints c WHERE c.session_key = @key AND c.sequence >= @sequence " +
        "ORDER BY c.sequence LIMIT 1");

    public Task<Versioned<CheckpointList>> ListAsync(
        SessionAddress address, ListFilter filter, CancellationToken cancellationToken) =>
        Reader.ReadAsync(
            database =>
            {
                var session = SqliteRows.Session(database, address);
                return new Versioned<CheckpointList>(
                    session.Version, session.IsThere ? List(database, session, filter) : CheckpointList.Empty);
            },
            cancellationToken);

    public Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken) =>
        (_survey ??= new SurveyRead(Database)).ReadAsync(address, policy, now, cancellationToken);

    public Task<TipsRead?> ReadTipsAsync(SessionAddress address, int limit, CancellationToken cancellationToken) =>
        (_tips ??= new TipRead(Database)).ReadAsync(address, limit, cancellationToken);

    private static string ListText(string named) =>
        new SqlStatement(named, Dialect.Instance.Prefix, ["key", "after", "before"]).Text;

    /// <summary>A list of a session that is there, inside a read of the caller's.</summary>
    internal static CheckpointList List(SqliteDatabase database, SqliteSession session, ListFilter filter)
    {
        var removed = SqliteRows.Removed(database, session.Key);
        var after = filter.From is { } since
            ? Math.Max(filter.After, FirstSince(database, session, SqliteValues.ToMicrosecondsUp(since)) - 1)
            : filter.After;
        var before = filter.To is { } to
            ? Math.Min(filter.Before, FirstSince(database, session, SqliteValues.ToMicroseconds(to) + 1))
            : filter.Before;
        var newest = filter.Order == ListOrder.NewestFirst;
        var isOfBranch = filter is { Tag: null, Branch: not (null or BranchNames.Main) };
        var lastLooked = (long?)null;
        if (isOfBranch)
        {
            if (BranchHeadOf(database, session, filter.Branch!) is not { } head)
            {
                return CheckpointList.Empty;
            }

            before = Math.Min(before, head + 1);
            lastLooked = LastLooked(database, session, after, before, newest, EntriesARow * (long)filter.MostLooked);
            (after, before) = lastLooked is not { } last ? (after, before) : newest ? (last - 1, before) : (after, last + 1);
        }

        var row = database
            .Prepare(
                isOfBranch ? newest ? BranchedNewest : BranchedOldest
                : filter.Tag is null ? newest ? AnyNewest : AnyOldest
                : newest ? TaggedNewest : TaggedOldest)
            .Bind(session.Key).Bind(after).Bind(before);
        if ((isOfBranch ? filter.Branch : filter.Tag) is { } named)
        {
            row.Bind(named);
        }

        var (from, found, looked, lookedTo) = (new RowReader(row), new CheckpointList.Builder(filter), 0, (long?)null);
        while (!found.IsFull && lookedTo is null && row.Read())
        {
            from.Begin();
            var (trigger, branch) = (from.Short(), from.OptionalText() ?? BranchNames.Main);
            var isWanted = (filter.Trigger is null || trigger == (short)filter.Trigger) && (filter.Branch is null || branch == filter.Branch);
            var sequence = from.Long();
            lookedTo = filter.HasToLook && ++looked >= filter.MostLooked ? sequence : null;
            if (!isWanted || removed.Cover(sequence))
            {
                continue;
            }

            from.Begin();
            from.Skip(2);
            if (!found.TryAdd(SqliteRows.Checkpoint(from, withState: false)))
            {
                break;
            }
        }

        row.Reset();
        return found.Build(lookedTo ?? lastLooked);
    }

    /// <summary>The newest checkpoint of a branch; null if there is no such branch.</summary>
    private static long? BranchHeadOf(SqliteDatabase database, SqliteSession session, string branch)
    {
        var row = database.Prepare(BranchHead).Bind(session.Key).Bind(branch);
        var from = new RowReader(row);
        var head = row.Read() ? from.Long() : (long?)null;
        row.Reset();
        return head;
    }

    /// <summary>The last of the entries of the index of branches that a list looks at; null if it looks at all.</summary>
    private static long? LastLooked(SqliteDatabase database, SqliteSession session, long after, long before, bool newest, long most)
    {
        var row = database.Prepare(newest ? LastLookedNewest : LastLookedOldest)
            .Bind(session.Key).Bind(after).Bind(before).Bind(most - 1);
        var from = new RowReader(row);
        var last = row.Read() ? from.Long() : (long?)null;
        row.Reset();
        return last;
    }

    private static string LookedText(string order) => new SqlStatement(
        "SELECT sequence FROM checkpoints INDEXED BY checkpoints_branch WHERE session_key = @key AND branch IS NOT NULL " +
        $"AND sequence > @after AND sequence < @before ORDER BY sequence {order} LIMIT 1 OFFSET @passed",
        Dialect.Instance.Prefix,
        ["key", "after", "before", "passed"]).Text;

    /// <summary>
    /// A sequence that parts the rows created before a time from the others, found by halving: times never fall from one
    /// sequence to the next, and no index is on them.
    /// </summary>
    private static long FirstSince(SqliteDatabase database, SqliteSession session, long microseconds)
    {
        // Every row below low was created before the time, and none from high on was.
        var (low, high) = (1L, session.LastSequence + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var row = database.Prepare(RowFrom).Bind(session.Key).Bind(middle);
            var from = new RowReader(row);
            if (row.Read() && from.Long() is var sequence && from.Long() < microseconds)
            {
                low = sequence + 1;
            }
            else
            {
                high = middle;
            }

            row.Reset();
        }

        return low;
    }
}
