using System.Globalization;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>A column of rows that are sent as parameters: as one array for many rows, or as a value for one.</summary>
internal sealed class SentColumn<T>
{
    private readonly Action<NpgsqlParameterCollection, IReadOnlyList<T>> _addArray;
    private readonly Action<NpgsqlParameterCollection, T> _addValue;

    private SentColumn(
        string name,
        string type,
        Action<NpgsqlParameterCollection, IReadOnlyList<T>> addArray,
        Action<NpgsqlParameterCollection, T> addValue) =>
        (Name, Type, _addArray, _addValue) = (name, type, addArray, addValue);

    public string Name { get; }

    /// <summary>The type of a value, as PostgreSQL calls it.</summary>
    public string Type { get; }

    public static SentColumn<T> Of<TValue>(string name, string type, Func<T, TValue> value) => new(
        name, type, (parameters, rows) => parameters.AddColumn(rows, value), (parameters, row) => parameters.AddValue(value(row)));

    public static SentColumn<T> OfTime(string name, Func<T, DateTimeOffset?> value) => new(
        name, "timestamptz", (parameters, rows) => parameters.AddTimes(rows, value), (parameters, row) => parameters.AddValue(value(row)));

    public void AddArray(NpgsqlParameterCollection parameters, IReadOnlyList<T> rows) => _addArray(parameters, rows);

    public void AddValue(NpgsqlParameterCollection parameters, T row) => _addValue(parameters, row);
}

/// <summary>How columns that are sent stand in a statement.</summary>
internal static class SentColumns
{
    /// <summary>The query of many rows, by their arrays, which all have one length.</summary>
    /// <remarks>
    /// Unnested in the list of what is selected, arrays are walked side by side as the rows are read; as a function in FROM
    /// each would be written out first, which costs a sixth of a commit of small rows.
    /// </remarks>
    /// <param name="columns">The columns.</param>
    /// <param name="firstParameter">The number of the first column's parameter; the others follow.</param>
    public static string Rows<T>(IEnumerable<SentColumn<T>> columns, int firstParameter) => "SELECT " + string.Join(
        ", ", columns.Select((c, i) => string.Create(CultureInfo.InvariantCulture, $"unnest(${firstParameter + i}::{c.Type}[]) AS {c.Name}")));

    /// <summary>The values of one row.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="firstParameter">The number of the first column's parameter; the others follow.</param>
    public static string[] Values<T>(SentColumn<T>[] columns, int firstParameter) =>
        [.. columns.Select((c, i) => string.Create(CultureInfo.InvariantCulture, $"${firstParameter + i}::{c.Type}"))];

    public static string Names<T>(IEnumerable<SentColumn<T>> columns) => string.Join(", ", columns.Select(c => c.Name));
}
