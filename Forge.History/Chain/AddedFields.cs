using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Chain;

/// <summary>
/// The fields of a checkpoint that callers give and could not give from the first, as the table declares them
/// (<see cref="ColumnUse.Added"/>). Behind what was encoded before them stand the names and values of those that are not null: a
/// checkpoint without them has the encoding that it had before they were added.
/// </summary>
internal static class AddedFields
{
    private static readonly Column<StoredCheckpoint>[] Columns =
        [.. HistoryTables.Checkpoints.Columns.Where(c => c.Is(ColumnUse.Added))];

    /// <summary>
    /// What those are called that a repeat is compared in by a digest alone, in an error that says that one of them differs. What is
    /// required is compared before that, as the parent is: callers name it, and the sequences are what was found.
    /// </summary>
    public static string Names { get; } = string.Join(" or ", Columns.Where(c => c.Name != HistoryTables.Requires).Select(c => c.Field));

    /// <summary>Writes those of a row; false if it has none.</summary>
    public static bool Write(ref ChainBuffer buffer, StoredCheckpoint row) => Write(ref buffer, row, Columns);

    /// <summary>The same of columns that a table might declare.</summary>
    /// <exception cref="NotSupportedException">A column holds values for which there is no encoding yet.</exception>
    internal static bool Write(ref ChainBuffer buffer, StoredCheckpoint row, ReadOnlySpan<Column<StoredCheckpoint>> columns)
    {
        var any = false;
        foreach (var column in columns)
        {
            switch (column)
            {
                case Column<StoredCheckpoint, string?> texts when column.IsNullable:
                    if (texts.Of(row) is { } text)
                    {
                        buffer.Text(column.Name);
                        buffer.Text(text);
                        any = true;
                    }

                    break;
                case Column<StoredCheckpoint, long?> numbers:
                    if (numbers.Of(row) is { } number)
                    {
                        buffer.Text(column.Name);
                        buffer.Number(number);
                        any = true;
                    }

                    break;
                default:
                    throw new NotSupportedException($"The chain cannot cover column {column.Name}.");
            }
        }

        return any;
    }

    /// <summary>The first one in which two checkpoints differ; null if they have the same.</summary>
    public static string? DifferenceOf(StoredCheckpoint one, StoredCheckpoint other)
    {
        foreach (ref readonly var column in Columns.AsSpan())
        {
            if (!AreSame(one, other, new ReadOnlySpan<Column<StoredCheckpoint>>(in column)))
            {
                return column.Field;
            }
        }

        return null;
    }

    private static bool AreSame(StoredCheckpoint one, StoredCheckpoint other, ReadOnlySpan<Column<StoredCheckpoint>> columns)
    {
        var first = new ChainBuffer(stackalloc byte[512]);
        var second = new ChainBuffer(stackalloc byte[512]);
        Write(ref first, one, columns);
        Write(ref second, other, columns);
        return first.Hash().AsSpan().SequenceEqual(second.Hash());
    }
}
