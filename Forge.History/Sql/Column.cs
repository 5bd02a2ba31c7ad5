using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;

namespace Forge.History.Sql;

/// <summary>What a column is to the history.</summary>
[Flags]
internal enum ColumnUse
{
    None = 0,

    /// <summary>Part of the primary key.</summary>
    Key = 1,

    /// <summary>
    /// A field of a checkpoint that callers give, and could not give from the first: covered by the chain and part of what a repeat
    /// must have the same, by its name and unless it is null (docs/integrity.md).
    /// </summary>
    Added = 2,

    /// <summary>Written with each version of a head row.</summary>
    Fenced = 4,

    /// <summary>Large, and only read if it is asked for.</summary>
    Heavy = 8,

    /// <summary>Given by the database; no insert writes it.</summary>
    Given = 16,

    /// <summary>Null or empty in most rows: of rows that have none of these, commits do not send them.</summary>
    Rare = 32,

    /// <summary>Of a head row: no create changes it, so that commits of nothing but creates leave it as it stands.</summary>
    Standing = 64,
}

/// <summary>A column of rows of one type: its name and how a row's value is written and read.</summary>
internal abstract class Column<TRow>(string name, SqlType type, bool isNullable, ColumnUse use)
{
    private readonly string _name = name;

    public string Name => _name;

    /// <summary>The name of the property that it is of, as a caller knows it; the column's own if it is of none.</summary>
    public string Field { get; protected init; } = name;

    public SqlType Type => type;

    public bool IsNullable => isNullable;

    public ColumnUse Use => use;

    public bool Is(ColumnUse uses) => (use & uses) != 0;

    /// <summary>Writes the value of a row as a parameter.</summary>
    public abstract void Write(ISqlParameters parameters, TRow row);

    /// <summary>Writes the values of rows as one parameter.</summary>
    public abstract void WriteList(ISqlParameters parameters, IReadOnlyList<TRow> rows);

    /// <summary>Sets the value of a row to the next one of a query.</summary>
    public abstract void Read(ref TRow row, SqlRow from);

    /// <summary>The column of what holds such rows; it is only written.</summary>
    public abstract Column<TOuter> On<TOuter>(Func<TOuter, TRow> inner);
}

/// <summary>A column whose values are of one type of C#.</summary>
internal sealed class Column<TRow, TValue> : Column<TRow>
{
    private readonly SqlKind<TValue> _kind;
    private readonly Func<TRow, TValue> _get;
    private readonly Setter? _set;
    private readonly Action<ISqlParameters, IReadOnlyList<TRow>> _writeList;

    public Column(string name, SqlKind<TValue> kind, Func<TRow, TValue> get, Setter? set, ColumnUse use = ColumnUse.None)
        : base(name, kind.Type, kind.IsNullable, use) => (_kind, _get, _set, _writeList) = (kind, get, set, kind.WriteList(get));

    public delegate void Setter(ref TRow row, TValue value);

    /// <summary>The column of a property, which may be one that is set only while a row is made.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">The property.</param>
    /// <param name="use">What it is to the history.</param>
    /// <param name="kind">How values are kept; null for the one way that its type has.</param>
    public static Column<TRow, TValue> Of(
        string name, Expression<Func<TRow, TValue>> value, ColumnUse use, SqlKind<TValue>? kind = null)
    {
        var property = (value.Body as MemberExpression)?.Member as PropertyInfo
            ?? throw new ArgumentException($"Column {name} is not one property of its row.", nameof(value));
        kind ??= SqlKinds.Of<TValue>(new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable);
        return new(name, kind, value.Compile(), SetterOf(property), use) { Field = JsonNamingPolicy.CamelCase.ConvertName(property.Name) };
    }

    /// <summary>The value of a row.</summary>
    public TValue Of(TRow row) => _get(row);

    public override void Write(ISqlParameters parameters, TRow row) => _kind.Write(parameters, _get(row));

    public override void WriteList(ISqlParameters parameters, IReadOnlyList<TRow> rows) => _writeList(parameters, rows);

    public override void Read(ref TRow row, SqlRow from)
    {
        var set = _set ?? throw new InvalidOperationException($"Column {Name} is only written.");
        set(ref row, _kind.Read(from));
    }

    public override Column<TOuter> On<TOuter>(Func<TOuter, TRow> inner) =>
        new Column<TOuter, TValue>(Name, _kind, outer => _get(inner(outer)), null, Use);

    private static Setter SetterOf(PropertyInfo property)
    {
        var method = property.SetMethod ?? throw new ArgumentException($"{property} cannot be set.", nameof(property));
        if (typeof(TRow).IsValueType)
        {
            return method.CreateDelegate<Setter>();
        }

        var set = method.CreateDelegate<Action<TRow, TValue>>();
        return (ref row, value) => set(row, value);
    }
}
