using System.Runtime.CompilerServices;
using Forge.History.Deltas;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Data.Sqlite;

namespace Forge.History.Sqlite;

/// <summary>One session at one instant: a connection of its own with a reading transaction that stays open.</summary>
internal sealed class SqliteSnapshot : IHistorySnapshot
{
    private const string Rows =
        "SELECT " + SqliteRows.AllColumns + " FROM checkpoints c WHERE c.session_key = ?1 AND " + SqliteRows.NotRemoved +
        " ORDER BY c.sequence";

    private readonly SqliteDatabase _database;
    private readonly SnapshotDecoder _decoder;

    private SqliteSnapshot(SqliteDatabase database, SessionAddress address, HeadRead head) =>
        (_database, _decoder, Head) = (database, new SnapshotDecoder(address), head);

    public HeadRead Head { get; }

    /// <summary>Opens a snapshot; null where there is nothing to show.</summary>
    public static SqliteSnapshot? Open(Func<SqliteDatabase> open, SessionAddress address)
    {
        var database = open();
        SqliteSnapshot? snapshot = null;
        try
        {
            // The transaction begins with the first read, and from then on everything it reads is of that instant.
            database.Prepare("BEGIN").Execute();
            if (SqliteRows.Head(database, address) is { Head.DeletedAt: null } head)
            {
                snapshot = new SqliteSnapshot(database, address, head);
            }

            return snapshot;
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
        finally
        {
            if (snapshot is null)
            {
                database.Dispose();
            }
        }
    }

    public async IAsyncEnumerable<StoredCheckpoint> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = _database.Prepare(Rows).Bind(Head.Head.Key);
        while (await Task.Run(() => Next(rows), cancellationToken) is { } row)
        {
            yield return row;
        }
    }

    public ValueTask DisposeAsync()
    {
        // Closing the connection ends its transaction, also where the rows were not read to the end.
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private StoredCheckpoint? Next(SqliteStatement rows)
    {
        try
        {
            if (!rows.Read())
            {
                return null;
            }

            var row = SqliteRows.Checkpoint(rows, withState: true);
            row = _decoder.Decode(_decoder.Continues(row) ? row : SqliteRows.WithBases(_database, Head.Head.Key, row));
            return row with { Annotations = SqliteRows.Annotations(_database, Head.Head.Key, row.Sequence) };
        }
        catch (SqliteException exception)
        {
            throw SqliteFailures.Unavailable(exception);
        }
    }
}
