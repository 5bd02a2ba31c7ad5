using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Forge.History.Sqlite;

/// <summary>One connection. Used by one thread at a time.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private const int StepsBetweenStops = 10_000;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<object, SqliteStatement> _statements = new(ReferenceEqualityComparer.Instance);

    private SqliteDatabase(SqliteConnection connection) => _connection = connection;

    /// <summary>
    /// Makes statements fail with an interruption when it is cancelled. SQLite asks for it as it goes, since an interruption
    /// from outside would be lost if it came between two statements.
    /// </summary>
    public CancellationToken Stop { get; set; }

    public sqlite3 Handle => _connection.Handle!;

    /// <summary>True if a transaction was begun and neither committed nor rolled back, by itself neither.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static SqliteDatabase Open(string path, SqliteOpenMode mode, TimeSpan busyTimeout)
    {
        var connection = new SqliteConnection(ConnectionString(path, mode));
        try
        {
            connection.Open();
            _ = raw.sqlite3_extended_result_codes(connection.Handle!, 1);
            _ = raw.sqlite3_busy_timeout(connection.Handle!, (int)busyTimeout.TotalMilliseconds);
            var database = new SqliteDatabase(connection);
            raw.sqlite3_progress_handler(connection.Handle!, StepsBetweenStops, database.Stopping, null);
            return database;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Not pooled: a pool would keep the file open after its silo has stopped.</summary>
    public static string ConnectionString(string path, SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString();

    /// <summary>The statement for a text, prepared once and kept. Texts are constants, told apart by reference.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            var result = raw.sqlite3_prepare_v3(Handle, Encoding.UTF8.GetBytes(sql), raw.SQLITE_PREPARE_PERSISTENT, out var handle);
            if (result != raw.SQLITE_OK)
            {
                throw Error(result);
            }

            _statements.Add(sql, statement = new SqliteStatement(this, handle));
        }

        return statement.Ready();
    }

    /// <summary>Runs statements that are not used again.</summary>
    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The first value that a pragma answers with, as text.</summary>
    public string Pragma(string name)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return command.ExecuteScalar()?.ToString() ?? "";
    }

    /// <summary>Ends the open transaction, if there still is one.</summary>
    public void Rollback()
    {
        if (InTransaction)
        {
            Prepare("ROLLBACK").Execute();
        }
    }

    public SqliteException Error(int result) => new(
        $"SQLite error {result}: {raw.sqlite3_errmsg(Handle).utf8_to_string()}", result & 0xFF, raw.sqlite3_extended_errcode(Handle));

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private int Stopping(object state) => Stop.IsCancellationRequested ? 1 : 0;
}
