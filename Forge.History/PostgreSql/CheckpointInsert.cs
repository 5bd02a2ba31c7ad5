using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>How checkpoint rows are sent: by an array a column, or one row by its values. Plain rows send no columns that are rare.</summary>
internal static class CheckpointInsert
{
    private const string Prefix = "row_";

    private static readonly Column<Keyed<StoredCheckpoint>>[] Columns = [.. Keyed<StoredCheckpoint>.Written(HistoryTables.Checkpoints)];

    private static readonly Column<Keyed<StoredCheckpoint>>[] Rare = [.. Columns.Where(c => c.Is(ColumnUse.Rare))];

    /// <summary>What is sent of plain rows.</summary>
    public static readonly SentRows<Keyed<StoredCheckpoint>> Plain = new(Prefix, [.. Columns.Except(Rare)]);

    /// <summary>What is sent of any rows.</summary>
    public static readonly SentRows<Keyed<StoredCheckpoint>> Any = new(Prefix, [.. Plain.Columns, .. Rare]);

    private static readonly string None = string.Join(", ", Rare.Select(c => c.IsNullable ? $"NULL::{TypeOf(c)}" : "'{}'::text[]"));

    private static readonly string OfPlain = string.Join(", ", Plain.Columns.Select(c => $"c.{c.Name}"));

    public static readonly string Into = $"INSERT INTO checkpoints ({Any.Names})";

    /// <summary>The rows as a query of <c>c</c>.</summary>
    public static readonly string Select =
        $"SELECT {OfPlain}, {string.Join(", ", Rare.Select(c => $"c.{c.Name}::{TypeOf(c)}"))} FROM ({Any.Rows}) c";

    /// <summary>The same of plain rows.</summary>
    public static readonly string SelectPlain = $"SELECT {OfPlain}, {None} FROM ({Plain.Rows}) c";

    /// <summary>The values of one plain row.</summary>
    public static readonly string ValuesPlain = $"{Plain.Values}, {None}";

    public static List<Keyed<StoredCheckpoint>> Rows(IReadOnlyList<SessionCommit> commits)
    {
        var rows = new List<Keyed<StoredCheckpoint>>();
        foreach (var commit in commits)
        {
            for (var i = 0; i < commit.Changes.Count; i++)
            {
                if (commit.Changes[i] is Created { Row: var row })
                {
                    rows.Add(new(commit.Head.Key, row));
                }
            }
        }

        return rows;
    }

    private static string TypeOf(Column<Keyed<StoredCheckpoint>> column) => Dialect.Instance.TypeName(column.Type);
}
