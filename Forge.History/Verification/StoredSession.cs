using System.Text.Json;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Snapshots;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Verification;

/// <summary>What is read of a session for verification.</summary>
internal sealed class StoredStatements(SqlDialect dialect)
{
    /// <summary>The bytes of what events tell that a page of them ends with.</summary>
    public const long PageBytes = 1024 * 1024;

    public CheckpointPages Pages { get; } = new(dialect);

    public PathRows Paths { get; } = new(dialect);

    public BranchLines Branches { get; } = new(dialect);

    public HeadRows Heads { get; } = new(dialect);

    public WriteRows Writes { get; } = new(dialect);

    /// <summary>The bytes of values that a page of pending writes ends with.</summary>
    public const long WriteBytes = 4 * 1024 * 1024;

    public RequirementRows Requirements { get; } = new(dialect);

    public EffectRows Effects { get; } = new(dialect);

    public SqlStatement Events { get; } = Page(dialect, "position > @after", "position");

    // The conditions on kinds are those of indexes, so that of a long log nothing else is read.
    public SqlStatement Compactions { get; } = Page(dialect, "kind = 3 AND position > @after", "position");

    public SqlStatement Imports { get; } = Page(dialect, "kind = 7 AND position > @after", "position");

    public SqlStatement EventsOf { get; } = Page(
        dialect,
        "kind NOT IN (0, 3, 7) AND sequence <= @last AND (sequence, position) > (@sequence, @after)",
        "sequence, position");

    public SqlStatement Runs { get; } = dialect.Statement($"""
        SELECT {HistoryTables.RemovedRuns.All.Names} FROM removed_runs WHERE session_key = @key AND first_position > @after
        ORDER BY first_position LIMIT @limit
        """);

    // One with another tenant or time than its session and checkpoint is not found where it should be: it is as if it were not there.
    public SqlStatement Tags { get; } = dialect.Statement($"""
        SELECT {HistoryTables.CheckpointTags.All.Of("t")} FROM checkpoint_tags t
        WHERE t.session_key = @key AND t.sequence >= @first AND t.sequence <= @last
            AND t.tenant = (SELECT s.tenant FROM sessions s WHERE s.session_key = @key)
            AND t.created_at = (SELECT c.created_at FROM checkpoints c WHERE c.session_key = @key AND c.sequence = t.sequence)
        """);

    // A piece of memory is counted for each.
    public SqlStatement MarksBytes { get; } = dialect.Statement("""
        SELECT coalesce((
            SELECT sum(256 + 2 * coalesce(octet_length(e.detail), 0)) FROM events e
            WHERE e.session_key = @key AND e.sequence >= @first AND e.sequence <= @last AND e.kind NOT IN (0, 3, 7)), 0)
            + coalesce((
            SELECT sum(128 + 2 * octet_length(t.tag)) FROM checkpoint_tags t
            WHERE t.session_key = @key AND t.sequence >= @first AND t.sequence <= @last), 0)
        """);

    public SqlStatement Unannotated { get; } = Orphans(dialect, "annotations");

    public SqlStatement Untagged { get; } = Orphans(dialect, "checkpoint_tags");

    private static SqlStatement Page(SqlDialect dialect, string condition, string order) => dialect.Statement($"""
        SELECT {HistoryTables.Events.All.Of("e")} FROM (
            SELECT f.position, sum(f.bytes) OVER (ORDER BY {order} ROWS UNBOUNDED PRECEDING) - f.bytes AS before
            FROM (
                SELECT sequence, position, coalesce(octet_length(detail), 0) AS bytes FROM events
                WHERE session_key = @key AND {condition}
                ORDER BY {order} LIMIT @limit) f) w
        JOIN events e ON e.session_key = @key AND e.position = w.position
        WHERE w.before < @bytes ORDER BY {string.Join(", ", order.Split(", ").Select(column => $"e.{column}"))}
        """);

    private static SqlStatement Orphans(SqlDialect dialect, string table) => dialect.Statement($"""
        SELECT DISTINCT o.sequence FROM {table} o
        WHERE o.session_key = @key AND o.sequence > @after AND {CheckpointPages.IsThere("o")} IS NULL
        ORDER BY o.sequence LIMIT @limit
        """);
}

/// <summary>All that is stored of a session, as of one instant.</summary>
internal sealed class StoredSession(
    StoredStatements statements, Seals seals, SessionAddress address, ISqlSnapshot snapshot, SessionHead head, RemovedSequences removed,
    RemovedSequences trunks)
    : IStoredSession
{
    public SessionHead Head => head;

    public Task<ForkLink?> OriginAsync(CancellationToken cancellationToken) =>
        snapshot.ReadAsync(t => statements.Heads.OriginAsync(t, head.Key), cancellationToken);

    public async Task<IReadOnlyList<StoredRow>> RowsAsync(long after, CancellationToken cancellationToken)
    {
        var page = await snapshot.ReadAsync(t => statements.Pages.ReadAsync(t, head.Key, after, Row), cancellationToken);
        return page.Exists(IsSealed)
            ? await seals.OpenAsync(address, IReadOnlyList<StoredRow> (seal) => page.ConvertAll(read => Open(seal, read)), cancellationToken)
            : page;
    }

    public async Task<IReadOnlyList<StoredEffect>> EffectsAsync(EffectPlace after, CancellationToken cancellationToken) =>
        await snapshot.ReadAsync(t => statements.Effects.WholeAfterAsync(t, head.Key, after), cancellationToken);

    public async Task<IReadOnlyList<SessionBranch>> BranchesAsync(CancellationToken cancellationToken) =>
        await snapshot.ReadAsync(t => statements.Branches.RowsAsync(t, head.Key), cancellationToken);

    public async Task<StoredState> WithBasesAsync(StoredCheckpoint row, CancellationToken cancellationToken)
    {
        var stored = await snapshot.ReadAsync(t => statements.Paths.WithBasesAsync(t, head.Key, row), cancellationToken);
        return SealedMarks.AnySealed(stored)
            ? stored with { Bases = await seals.OpenAsync(address, seal => seal.Open(stored.Bases), cancellationToken) }
            : stored;
    }

    public Task<IReadOnlyList<SessionEvent>> EventsAsync(long after, int limit, CancellationToken cancellationToken) => ReadAsync(
        statements.Events, HistoryTables.Events.All.Read, cancellationToken,
        ("after", after), ("limit", limit), ("bytes", StoredStatements.PageBytes));

    public Task<IReadOnlyList<SessionEvent>> CompactionsAsync(long after, int limit, CancellationToken cancellationToken) => ReadAsync(
        statements.Compactions, HistoryTables.Events.All.Read, cancellationToken,
        ("after", after), ("limit", limit), ("bytes", StoredStatements.PageBytes));

    public Task<IReadOnlyList<SessionEvent>> ImportsAsync(long after, int limit, CancellationToken cancellationToken) => ReadAsync(
        statements.Imports, HistoryTables.Events.All.Read, cancellationToken,
        ("after", after), ("limit", limit), ("bytes", StoredStatements.PageBytes));

    public Task<IReadOnlyList<SessionEvent>> EventsOfAsync(
        long sequence, long after, long last, int limit, CancellationToken cancellationToken) => ReadAsync(
            statements.EventsOf, HistoryTables.Events.All.Read, cancellationToken,
            ("last", last), ("sequence", sequence), ("after", after), ("limit", limit), ("bytes", StoredStatements.PageBytes));

    public Task<long> MarksBytesAsync(SequenceRange checkpoints, CancellationToken cancellationToken) => snapshot.ReadAsync(
        t => t.ReadOneAsync(
            statements.MarksBytes, row => row.Long(), ("key", head.Key), ("first", checkpoints.First), ("last", checkpoints.Last)),
        cancellationToken);

    public Task<IReadOnlyList<long>> OrphansAsync(Orphans of, long after, int limit, CancellationToken cancellationToken) => ReadAsync(
        of == Orphans.Annotations ? statements.Unannotated : statements.Untagged, row => row.Long(), cancellationToken,
        ("after", after), ("limit", limit));

    public async Task<IReadOnlyList<(Requirement Row, bool IsSaid)>> IndexedRequirementsAsync(
        Requirement after, int limit, CancellationToken cancellationToken) =>
        await snapshot.ReadAsync(t => statements.Requirements.SaidAsync(t, head.Key, after, limit), cancellationToken);

    public async Task<IReadOnlyList<Requirement>> RequirementsAsync(
        IReadOnlyList<long> required, SequenceRange by, CancellationToken cancellationToken) =>
        await snapshot.ReadAsync(t => statements.Requirements.ReadAsync(t, head.Key, [.. required], by), cancellationToken);

    public async Task<IReadOnlyList<long>> VisibleAsync(IReadOnlyList<long> sequences, CancellationToken cancellationToken) =>
        await snapshot.ReadAsync(t => statements.Requirements.VisibleAsync(t, head.Key, [.. sequences]), cancellationToken);

    public Task<IReadOnlyList<RemovedRun>> RunsAsync(long after, int limit, CancellationToken cancellationToken) => ReadAsync(
        statements.Runs, HistoryTables.RemovedRuns.All.Read, cancellationToken, ("after", after), ("limit", limit));

    public Task<IReadOnlyList<StoredTag>> TagsAsync(SequenceRange checkpoints, CancellationToken cancellationToken) => ReadAsync(
        statements.Tags, HistoryTables.CheckpointTags.All.Read, cancellationToken,
        ("first", checkpoints.First), ("last", checkpoints.Last));

    public async Task<IReadOnlyList<NewAnnotation>> AnnotationsAsync(SequenceRange checkpoints, CancellationToken cancellationToken)
    {
        var notes = await snapshot.ReadAsync(t => statements.Pages.AnnotationsAsync(t, head.Key, checkpoints), cancellationToken);
        return notes.Exists(note => SealedMarks.IsSealed(note.Severity))
            ? await seals.OpenAsync(address, IReadOnlyList<NewAnnotation> (seal) => notes.ConvertAll(note => Open(seal, note)), cancellationToken)
            : notes;
    }

    public async Task<IReadOnlyList<StoredWriteRow>> WritesAsync(WritePosition? after, int limit, CancellationToken cancellationToken)
    {
        var page = await snapshot.ReadAsync(
            t => statements.Writes.AllAsync(t, head.Key, after, limit, StoredStatements.WriteBytes, removed), cancellationToken);
        for (var i = 0; i < page.Count; i++)
        {
            try
            {
                page[i] = await seals.OpenAsync(address, page[i], cancellationToken);
            }
            catch (KeyMissingException)
            {
                page[i] = page[i] with { IsUnopened = true };
            }
        }

        return page;
    }

    public ValueTask DisposeAsync() => snapshot.DisposeAsync();

    private static bool IsSealed(StoredRow read) => read.Row is { } row && SealedMarks.IsSealed(row);

    private static StoredRow Open(SessionSeal seal, StoredRow read)
    {
        try
        {
            return IsSealed(read) ? read with { Row = seal.OpenToCheck(read.Row!) } : read;
        }
        catch (KeyMissingException)
        {
            return read with { IsUnopened = true };
        }
    }

    private static NewAnnotation Open(SessionSeal seal, NewAnnotation note)
    {
        try
        {
            return seal.TryOpen(note) ?? note with { Severity = note.Severity - SealedMarks.Severity, Text = "" };
        }
        catch (KeyMissingException)
        {
            return note;
        }
    }

    private StoredRow Row(SqlRow from)
    {
        var row = Table<StoredCheckpoint>.Empty();
        try
        {
            foreach (var column in HistoryTables.Checkpoints.Columns)
            {
                column.Read(ref row, from);
            }

            var isRemoved = from.Bool();
            return new StoredRow(row.Sequence, row, isRemoved || removed.Cover(row.Sequence), isRemoved, trunks.Cover(row.Sequence));
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or OverflowException)
        {
            // A value that no write makes: of the wrong length, out of bounds, or no list of tags. The sequence is the first.
            return new StoredRow(row.Sequence, null, removed.Cover(row.Sequence), Removed: false, Problem: exception.Message);
        }
    }

    private async Task<IReadOnlyList<T>> ReadAsync<T>(
        SqlStatement statement, Func<SqlRow, T> read, CancellationToken cancellationToken, params SqlArgument[] arguments) =>
        await snapshot.ReadAsync(t => t.ReadAllAsync(statement, read, [("key", head.Key), .. arguments]), cancellationToken);
}
