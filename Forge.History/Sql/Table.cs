using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Forge.History.Sql;

/// <summary>A table: its name and a column for each field of its rows, in the order of its definition.</summary>
/// <typeparam name="TRow">The rows.</typeparam>
internal sealed class Table<TRow>
{
    /// <summary>The column that names the session.</summary>
    public const string SessionKey = "session_key";

    private static readonly Func<TRow> New = MakeNew();

    private Table(string name, bool isUnderSession, Column<TRow>[] columns) =>
        (Name, IsUnderSession, Columns, All) = (name, isUnderSession, columns, new Selection<TRow>(columns));

    public string Name { get; }

    /// <summary>True if rows stand under a session that they do not name themselves, in a first column.</summary>
    public bool IsUnderSession { get; }

    public IReadOnlyList<Column<TRow>> Columns { get; }

    /// <summary>All columns.</summary>
    public Selection<TRow> All { get; }

    /// <summary>What inserts write.</summary>
    public IEnumerable<Column<TRow>> Written => Columns.Where(c => !c.Is(ColumnUse.Given));

    /// <summary>The names of the primary key, without the session's.</summary>
    public IEnumerable<string> KeyNames => Columns.Where(c => c.Is(ColumnUse.Key)).Select(c => c.Name);

    /// <param name="name">Its name.</param>
    /// <param name="isUnderSession">True if its first column is a session that rows do not name.</param>
    /// <param name="columns">Declares the columns.</param>
    public static Table<TRow> Of(string name, bool isUnderSession, Func<Declaration, Declaration> columns) =>
        new(name, isUnderSession, columns(new Declaration()).Columns);

    /// <summary>All columns that are for no such use.</summary>
    public Selection<TRow> Without(ColumnUse uses) => new([.. Columns.Where(c => !c.Is(uses))]);

    /// <summary>A row without values.</summary>
    internal static TRow Empty() => New();

    private static Func<TRow> MakeNew()
    {
        if (typeof(TRow).IsValueType)
        {
            return () => default!;
        }

        // Made by its constructor if it has one that asks for nothing, so that what no column sets has its default.
        return typeof(TRow).GetConstructor(BindingFlags.Instance | BindingFlags.Public, []) is { } constructor
            ? Expression.Lambda<Func<TRow>>(Expression.New(constructor)).Compile()
            : () => (TRow)RuntimeHelpers.GetUninitializedObject(typeof(TRow));
    }

    /// <summary>Declares columns of a table's rows, in the order of its definition.</summary>
    internal sealed class Declaration
    {
        private readonly List<Column<TRow>> _columns = [];

        public Column<TRow>[] Columns => [.. _columns];

        /// <summary>A column for a property.</summary>
        public Declaration Column<TValue>(string name, Expression<Func<TRow, TValue>> value, ColumnUse use = ColumnUse.None)
        {
            _columns.Add(Sql.Column<TRow, TValue>.Of(name, value, use));
            return this;
        }

        /// <summary>A column for a property that stands as something else in the database.</summary>
        public Declaration Column<TValue, TStored>(
            string name, Expression<Func<TRow, TValue>> value, Func<TValue, TStored> to, Func<TStored, TValue> from)
        {
            _columns.Add(Sql.Column<TRow, TValue>.Of(name, value, ColumnUse.None, SqlKinds.Through(to, from)));
            return this;
        }
    }
}

/// <summary>Some columns of a table, as a select list and as how its rows are read.</summary>
internal sealed class Selection<TRow>(IReadOnlyList<Column<TRow>> columns)
{
    public IReadOnlyList<Column<TRow>> Columns => columns;

    /// <summary>The names, for a select list.</summary>
    public string Names => string.Join(", ", columns.Select(c => c.Name));

    /// <summary>The names of the columns of what has an alias.</summary>
    public string Of(string alias) => string.Join(", ", columns.Select(c => $"{alias}.{c.Name}"));

    /// <summary>Takes a row from the next values of a query.</summary>
    public TRow Read(SqlRow from)
    {
        var row = Table<TRow>.Empty();
        for (var i = 0; i < columns.Count; i++)
        {
            columns[i].Read(ref row, from);
        }

        return row;
    }
}
