using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// Rows that a statement of a commit is sent: by an array a column for many, or by its values for one. Each column has a
/// parameter of its name, behind a prefix, since rows of more than one table may go in one statement.
/// </summary>
internal sealed class SentRows<TRow>(string prefix, IReadOnlyList<Column<TRow>> columns)
{
    public IReadOnlyList<Column<TRow>> Columns => columns;

    /// <summary>The names of the parameters, in the order in which they are added.</summary>
    public IEnumerable<string> Parameters => columns.Select(c => prefix + c.Name);

    /// <summary>The names of the columns.</summary>
    public string Names => string.Join(", ", columns.Select(c => c.Name));

    /// <summary>The query of many rows, by their arrays, which all have one length.</summary>
    /// <remarks>
    /// Unnested in the list of what is selected, arrays are walked side by side as the rows are read; as a function in FROM
    /// each would be written out first, which costs a sixth of a commit of small rows.
    /// </remarks>
    public string Rows => "SELECT " + string.Join(
        ", ", columns.Select(c => $"unnest({Parameter(c)}::{TypeOf(c)}[]) AS {c.Name}"));

    /// <summary>The values of one row, as the table takes them.</summary>
    public string Values => string.Join(", ", columns.Select(ValueOf));

    /// <summary>The parameter of a column.</summary>
    public string Parameter(Column<TRow> column) => $"@{prefix}{column.Name}";

    /// <summary>The value of a column of one row.</summary>
    public string ValueOf(Column<TRow> column) => $"{Parameter(column)}::{TypeOf(column)}";

    public void AddArrays(NpgsqlParameterCollection parameters, IReadOnlyList<TRow> rows)
    {
        var sent = new Parameters(parameters);
        foreach (var column in columns)
        {
            column.WriteList(sent, rows);
        }
    }

    public void AddValues(NpgsqlParameterCollection parameters, TRow row)
    {
        var sent = new Parameters(parameters);
        foreach (var column in columns)
        {
            column.Write(sent, row);
        }
    }

    // Lists of texts differ in length, and go as their text forms.
    private static string TypeOf(Column<TRow> column) =>
        Dialect.Instance.TypeName(column.Type == SqlType.Texts ? SqlType.Text : column.Type);
}
