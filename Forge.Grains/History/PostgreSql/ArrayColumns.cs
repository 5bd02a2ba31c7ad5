using System.Globalization;

namespace Forge.Grains.History.PostgreSql;

/// <summary>
/// Rows sent as one array a column. Unnested in the list of what is selected, the arrays are walked side by side as the rows
/// are read; as a function in FROM each would be written out first, which costs a third of an insert of small rows.
/// </summary>
internal static class ArrayColumns
{
    /// <summary>The query of the rows.</summary>
    /// <param name="columns">The columns; all their arrays have one length.</param>
    /// <param name="firstParameter">The number of the first array's parameter; the others follow.</param>
    public static string Select(IEnumerable<(string Name, string Type)> columns, int firstParameter) =>
        "SELECT " + string.Join(", ", columns.Select((c, i) => string.Create(
            CultureInfo.InvariantCulture, $"unnest(${firstParameter + i}::{c.Type}[]) AS {c.Name}")));
}
