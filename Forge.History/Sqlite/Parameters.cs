using System.Globalization;
using Forge.History.Sql;

namespace Forge.History.Sqlite;

/// <summary>Binds the parameters of a statement. Lists of texts are JSON, times are microseconds.</summary>
internal sealed class Parameters(SqliteStatement statement) : ISqlParameters
{
    public void Long(long value) => statement.Bind(value);

    public void Int(int value) => statement.Bind(value);

    public void Short(short value) => statement.Bind(value);

    public void Bool(bool value) => statement.Bind(value ? 1 : 0);

    public void Text(string value) => statement.Bind(value);

    public void Guid(Guid value) => statement.Bind(value);

    public void Time(DateTimeOffset value) => statement.Bind(value);

    public void Bytes(ReadOnlyMemory<byte> value) => statement.Bind(value.Span);

    public void Texts(IReadOnlyList<string> value) => statement.Bind(SqliteValues.FromTags(value));

    public void Null(SqlType type) => statement.Bind((string?)null);

    public void List<T>(SqlType type, T[] values) => statement.Bind(values is long[] numbers
        ? $"[{string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)))}]"
        : throw new NotSupportedException($"SQLite takes no list of {type}."));
}
