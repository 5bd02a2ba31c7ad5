using System.Text.Json;
using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Data.Sqlite;

namespace Forge.History.Sqlite;

/// <summary>All that is stored of a session: a connection of its own with a reading transaction that stays open.</summary>
internal sealed class SqliteStoredSession : IStoredSession
{
    private const string Rows =
        "SELECT " + SqliteRows.AllColumns + ", NOT (" + SqliteRows.NotRemoved + ") FROM checkpoints c " +
        "WHERE c.session_key = ?1 AND c.sequence > ?2 ORDER BY c.sequence LIMIT ?3";

    /// <summary>The place of what <see cref="Rows"/> selects after the columns of a checkpoint.</summary>
    private static readonly int HiddenColumn = SqliteRows.AllColumns.Split(", ").Length;

    private const string EventColumns = "position, kind, at, sequence, last_sequence, detail, chain";

    private const string Events =
        "SELECT " + EventColumns + " FROM events WHERE session_key = ?1 AND position > ?2 ORDER BY position LIMIT ?3";

    private const string EventsOf =
        "SELECT " + EventColumns + " FROM events WHERE session_key = ?1 AND position > ?2 " +
        "AND (kind IN (3, 7) OR (sequence >= ?4 AND sequence <= ?5)) ORDER BY position LIMIT ?3";

    private const string Tags = "SELECT sequence, tag FROM checkpoint_tags WHERE session_key = ?1 AND sequence >= ?2 AND sequence <= ?3";

    private const string Notes =
        "SELECT sequence, position, at, severity, text FROM annotations " +
        "WHERE session_key = ?1 AND sequence >= ?2 AND sequence <= ?3 ORDER BY sequence, position";

    private readonly SqliteDatabase _database;

    private SqliteStoredSession(SqliteDatabase database, SessionHead head) => (_database, Head) = (database, head);

    public SessionHead Head { get; }

    private long Key => Head.Key;

    /// <summary>Opens a session; null where there is nothing to verify.</summary>
    public static SqliteStoredSession? Open(Func<SqliteDatabase> open, SessionAddress address)
    {
        var database = open();
        SqliteStoredSession? session = null;
        try
        {
            // The transaction begins with the first read, and from then on everything it reads is of that instant.
            database.Prepare("BEGIN").Execute();
            if (SqliteRows.Head(database, address) is { Head.DeletedAt: null } head)
            {
                session = new SqliteStoredSession(database, head.Head);
            }

            return session;
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
        finally
        {
            if (session is null)
            {
                database.Dispose();
            }
        }
    }

    public Task<IReadOnlyList<StoredRow>> RowsAsync(long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(() => _database.Prepare(Rows).Bind(Key).Bind(after).Bind(limit), Row, cancellationToken);

    public Task<StoredCheckpoint> WithBasesAsync(StoredCheckpoint row, CancellationToken cancellationToken) =>
        RunAsync(() => SqliteRows.WithBases(_database, Key, row), cancellationToken);

    public Task<IReadOnlyList<SessionEvent>> EventsAsync(long after, int limit, CancellationToken cancellationToken) =>
        ReadAsync(() => _database.Prepare(Events).Bind(Key).Bind(after).Bind(limit), Event, cancellationToken);

    public Task<IReadOnlyList<SessionEvent>> EventsOfAsync(
        SequenceRange checkpoints, long after, int limit, CancellationToken cancellationToken) => ReadAsync(
            () => _database.Prepare(EventsOf).Bind(Key).Bind(after).Bind(limit).Bind(checkpoints.First).Bind(checkpoints.Last),
            Event,
            cancellationToken);

    public Task<IReadOnlyList<RemovedRun>> RunsAsync(long after, int limit, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<RemovedRun>>(() => SqliteRuns.Read(_database, Key, after, limit), cancellationToken);

    public Task<IReadOnlyList<StoredTag>> TagsAsync(SequenceRange checkpoints, CancellationToken cancellationToken) => ReadAsync(
        () => _database.Prepare(Tags).Bind(Key).Bind(checkpoints.First).Bind(checkpoints.Last),
        row => new StoredTag(row.Int64(0), row.Text(1)),
        cancellationToken);

    public Task<IReadOnlyList<NewAnnotation>> AnnotationsAsync(SequenceRange checkpoints, CancellationToken cancellationToken) =>
        ReadAsync(
            () => _database.Prepare(Notes).Bind(Key).Bind(checkpoints.First).Bind(checkpoints.Last),
            row => new NewAnnotation(
                row.Int64(0), row.Int64(1), row.Time(2), (AnnotationSeverity)row.Int64(3), row.Text(4)),
            cancellationToken);

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private static SessionEvent Event(SqliteStatement row) => new(
        row.Int64(0), (SessionEventKind)row.Int64(1), row.Time(2), row.Int64(3), row.Int64(4), row.NullableText(5), row.NullableBlob(6));

    private static StoredRow Row(SqliteStatement row)
    {
        var (sequence, hidden) = (row.Int64(0), row.Int64(HiddenColumn) != 0);
        try
        {
            return new StoredRow(sequence, SqliteRows.Checkpoint(row, withState: true), hidden);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or OverflowException)
        {
            // A value that no write makes: of the wrong length, out of bounds, or no list of tags.
            return new StoredRow(sequence, null, hidden, exception.Message);
        }
    }

    private static Task<IReadOnlyList<T>> ReadAsync<T>(
        Func<SqliteStatement> prepare, Func<SqliteStatement, T> read, CancellationToken cancellationToken) =>
        RunAsync<IReadOnlyList<T>>(
            () =>
            {
                var (row, items) = (prepare(), new List<T>());
                while (row.Read())
                {
                    items.Add(read(row));
                }

                return items;
            },
            cancellationToken);

    private static async Task<T> RunAsync<T>(Func<T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(read, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }
}
