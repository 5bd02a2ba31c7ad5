using System.Linq.Expressions;
using Forge.Identity;

namespace Forge.History.Sql;

/// <summary>How values of one type of C# are written and read.</summary>
internal abstract class SqlKind<TValue>(SqlType type, bool isNullable)
{
    public SqlType Type => type;

    public bool IsNullable => isNullable;

    public abstract void Write(ISqlParameters parameters, TValue value);

    public abstract TValue Read(SqlRow row);

    /// <summary>Writes a value of each item, as one list.</summary>
    public abstract Action<ISqlParameters, IReadOnlyList<TItem>> WriteList<TItem>(Func<TItem, TValue> get);
}

/// <summary>A kind whose values are sent as others.</summary>
/// <param name="type">The type in the database.</param>
/// <param name="isNullable">True if null is a value.</param>
/// <param name="write">Writes one.</param>
/// <param name="read">Reads one.</param>
/// <param name="convert">What it is sent as in a list; null if that is itself.</param>
internal sealed class SqlKind<TValue, TSent>(
    SqlType type, bool isNullable, Action<ISqlParameters, TValue> write, Func<SqlRow, TValue> read, Func<TValue, TSent>? convert = null)
    : SqlKind<TValue>(type, isNullable)
{
    public Func<TValue, TSent>? Convert => convert;

    public override void Write(ISqlParameters parameters, TValue value) => write(parameters, value);

    public override TValue Read(SqlRow row) => read(row);

    public override Action<ISqlParameters, IReadOnlyList<TItem>> WriteList<TItem>(Func<TItem, TValue> get)
    {
        // Without a conversion both types are one, and no second call is paid for each value.
        var sent = convert is { } change ? item => change(get(item)) : (Func<TItem, TSent>)(object)get;
        return (parameters, items) =>
        {
            var values = new TSent[items.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = sent(items[i]);
            }

            parameters.List(Type, values);
        };
    }
}

/// <summary>The kinds that there are.</summary>
internal static class SqlKinds
{
    private static readonly SqlKind<long, long> Long = new(SqlType.Long, false, (p, v) => p.Long(v), r => r.Long());
    private static readonly SqlKind<int, int> Int = new(SqlType.Int, false, (p, v) => p.Int(v), r => r.Int());
    private static readonly SqlKind<short, short> Short = new(SqlType.Short, false, (p, v) => p.Short(v), r => r.Short());
    private static readonly SqlKind<bool, bool> Bool = new(SqlType.Bool, false, (p, v) => p.Bool(v), r => r.Bool());
    private static readonly SqlKind<Guid, Guid> Guid = new(SqlType.Guid, false, (p, v) => p.Guid(v), r => r.Guid());
    private static readonly SqlKind<string, string> Text = new(SqlType.Text, false, (p, v) => p.Text(v), r => r.Text());
    private static readonly SqlKind<byte[], byte[]> Bytes = new(SqlType.Bytes, false, (p, v) => p.Bytes(v), r => r.Bytes());

    private static readonly SqlKind<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Memory =
        new(SqlType.Bytes, false, (p, v) => p.Bytes(v), r => r.Bytes());

    private static readonly SqlKind<IReadOnlyList<string>, IReadOnlyList<string>> Texts =
        new(SqlType.Texts, false, (p, v) => p.Texts(v), r => r.Texts());

    private static readonly SqlKind<CheckpointId, Guid> Id =
        new(SqlType.Guid, false, (p, v) => p.Guid(v.Value), r => new CheckpointId(r.Guid()), v => v.Value);

    private static readonly SqlKind<DateTimeOffset, DateTime> Time =
        new(SqlType.Time, false, (p, v) => p.Time(v), r => r.Time(), v => v.UtcDateTime);

    private static readonly Dictionary<(Type, bool), object> Known = new()
    {
        [(typeof(long), false)] = Long,
        [(typeof(long?), true)] = OrNone(Long),
        [(typeof(int), false)] = Int,
        [(typeof(short), false)] = Short,
        [(typeof(bool), false)] = Bool,
        [(typeof(Guid), false)] = Guid,
        [(typeof(string), false)] = Text,
        [(typeof(string), true)] = OrNull(Text),
        [(typeof(byte[]), false)] = Bytes,
        [(typeof(byte[]), true)] = OrNull(Bytes),
        [(typeof(ReadOnlyMemory<byte>), false)] = Memory,
        [(typeof(IReadOnlyList<string>), false)] = Texts,
        [(typeof(IReadOnlyList<string>), true)] = OrNull(Texts),
        [(typeof(CheckpointId), false)] = Id,
        [(typeof(DateTimeOffset), false)] = Time,
        [(typeof(DateTimeOffset?), true)] = OrNone(Time),
    };

    /// <summary>The kind of a type of C#; enumerations are small numbers.</summary>
    /// <exception cref="NotSupportedException">No column holds such values.</exception>
    public static SqlKind<TValue> Of<TValue>(bool isNullable) =>
        Known.TryGetValue((typeof(TValue), isNullable), out var known) ? (SqlKind<TValue>)known
        : typeof(TValue).IsEnum ? Enumeration<TValue>()
        : throw new NotSupportedException($"No column holds values of {typeof(TValue)}{(isNullable ? " or null" : "")}.");

    /// <summary>Values that stand as others in the database.</summary>
    public static SqlKind<TValue> Through<TValue, TStored>(Func<TValue, TStored> to, Func<TStored, TValue> from)
    {
        var kind = Of<TStored>(isNullable: false);
        return new SqlKind<TValue, TStored>(kind.Type, false, (p, v) => kind.Write(p, to(v)), r => from(kind.Read(r)), to);
    }

    private static SqlKind<T?, TSent?> OrNone<T, TSent>(SqlKind<T, TSent> kind)
        where T : struct
        where TSent : struct => new(
            kind.Type,
            true,
            (parameters, value) =>
            {
                if (value is { } there)
                {
                    kind.Write(parameters, there);
                }
                else
                {
                    parameters.Null(kind.Type);
                }
            },
            row => row.TakeNull() ? null : kind.Read(row),
            kind.Convert is { } convert ? value => value is { } there ? convert(there) : null : null);

    // What may be null and what may not are one type, so that these are read by each other's name.
    private static SqlKind<T, T> OrNull<T>(SqlKind<T, T> kind)
        where T : class => new(
            kind.Type,
            true,
            (parameters, value) =>
            {
                if (value is null)
                {
                    parameters.Null(kind.Type);
                }
                else
                {
                    kind.Write(parameters, value);
                }
            },
            row => row.TakeNull() ? null! : kind.Read(row));

    private static SqlKind<TValue, short> Enumeration<TValue>()
    {
        var (value, number) = (Expression.Parameter(typeof(TValue)), Expression.Parameter(typeof(short)));
        var to = Expression.Lambda<Func<TValue, short>>(Expression.Convert(value, typeof(short)), value).Compile();
        var from = Expression.Lambda<Func<short, TValue>>(Expression.Convert(number, typeof(TValue)), number).Compile();
        return new(SqlType.Short, false, (p, v) => p.Short(to(v)), r => from(r.Short()), to);
    }
}
