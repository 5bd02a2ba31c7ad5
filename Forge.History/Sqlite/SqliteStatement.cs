using System.Text;
using Forge.Checkpoints;
using Forge.History.Rows;
using SQLitePCL;

namespace Forge.History.Sqlite;

/// <summary>
/// A prepared statement that is bound and stepped again and again, by one thread at a time. Below ADO.NET, since that
/// boxes every value and copies every blob once more.
/// </summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt statement) : IDisposable
{
    // Text that cannot be stored as it is has to be an error, not a replacement character.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] _text = new byte[256];
    private int _bound;
    private bool _stepped;

    /// <summary>The statement, free of what an earlier use left half done when it failed.</summary>
    public SqliteStatement Ready()
    {
        if (_bound != 0 || _stepped)
        {
            Reset();
        }

        return this;
    }

    /// <summary>Binds the next parameter; the first one after the statement was reset is 1.</summary>
    public SqliteStatement Bind(long value)
    {
        Check(raw.sqlite3_bind_int64(statement, ++_bound, value));
        return this;
    }

    public SqliteStatement Bind(long? value) => value is { } number ? Bind(number) : BindNull();

    public SqliteStatement Bind(DateTimeOffset value) => Bind(SqliteValues.ToMicroseconds(value));

    public SqliteStatement Bind(DateTimeOffset? value) => value is { } time ? Bind(time) : BindNull();

    public SqliteStatement Bind(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(bytes);
    }

    public SqliteStatement Bind(byte[]? value) => value is null ? BindNull() : Bind(value.AsSpan());

    public SqliteStatement Bind(ReadOnlySpan<byte> value)
    {
        // An empty span has no address, which SQLite would take for NULL.
        Check(value.IsEmpty
            ? raw.sqlite3_bind_zeroblob(statement, ++_bound, 0)
            : raw.sqlite3_bind_blob(statement, ++_bound, value));
        return this;
    }

    public SqliteStatement Bind(string? value)
    {
        if (value is null)
        {
            return BindNull();
        }

        if (value.Length == 0)
        {
            Check(raw.sqlite3_bind_text(statement, ++_bound, ""));
            return this;
        }

        var needed = Utf8.GetMaxByteCount(value.Length);
        if (_text.Length < needed)
        {
            _text = new byte[needed];
        }

        var length = Utf8.GetBytes(value, _text);
        Check(raw.sqlite3_bind_text(statement, ++_bound, _text.AsSpan(0, length)));
        return this;
    }

    /// <summary>Steps to the next row; false at the end, after which the statement can be bound anew.</summary>
    public bool Read()
    {
        _stepped = true;
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        if (result != raw.SQLITE_DONE)
        {
            var error = database.Error(result);
            Reset();
            throw error;
        }

        Reset();
        return false;
    }

    /// <summary>Runs the statement to its end and says how many rows it changed.</summary>
    public int Execute()
    {
        while (Read())
        {
        }

        return raw.sqlite3_changes(database.Handle);
    }

    /// <summary>The one number that the statement answers with; null for no row.</summary>
    public long? Scalar()
    {
        if (!Read())
        {
            return null;
        }

        long? value = IsNull(0) ? null : Int64(0);
        Reset();
        return value;
    }

    /// <summary>Ends the reading of rows that are not wanted any more.</summary>
    public void Reset()
    {
        // What it returns is the error of the last step, which was raised then.
        _ = raw.sqlite3_reset(statement);
        _bound = 0;
        _stepped = false;
    }

    /// <summary>Lets go of bound values, the great ones above all, that are not needed until the next use.</summary>
    public void Clear()
    {
        Reset();
        _ = raw.sqlite3_clear_bindings(statement);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    public long? NullableInt64(int column) => IsNull(column) ? null : Int64(column);

    public int Int32(int column) => checked((int)Int64(column));

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string() ?? "";

    public string? NullableText(int column) => IsNull(column) ? null : Text(column);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public byte[]? NullableBlob(int column) => IsNull(column) ? null : Blob(column);

    public Guid Guid(int column)
    {
        var bytes = raw.sqlite3_column_blob(statement, column);
        return bytes.IsEmpty ? System.Guid.Empty : new Guid(bytes, bigEndian: true);
    }

    public DateTimeOffset Time(int column) => SqliteValues.FromMicroseconds(Int64(column));

    public DateTimeOffset? NullableTime(int column) => IsNull(column) ? null : Time(column);

    public void Dispose() => statement.Dispose();

    private SqliteStatement BindNull()
    {
        Check(raw.sqlite3_bind_null(statement, ++_bound));
        return this;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            var error = database.Error(result);
            Reset();
            throw error;
        }
    }
}
