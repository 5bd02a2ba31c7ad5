using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>How checkpoint rows are sent: by an array a column, or one row by its values. Rows without tags send none.</summary>
internal static class CheckpointInsert
{
    private const string Prefix = "row_";

    private static readonly Column<Keyed<StoredCheckpoint>>[] Columns = [.. Keyed<StoredCheckpoint>.Written(HistoryTables.Checkpoints)];

    private static readonly Column<Keyed<StoredCheckpoint>>[] Tags = [.. Columns.Where(c => c.Type == SqlType.Texts)];

    /// <summary>What is sent of rows without tags.</summary>
    public static readonly SentRows<Keyed<StoredCheckpoint>> Untagged = new(Prefix, [.. Columns.Except(Tags)]);

    /// <summary>What is sent of any rows.</summary>
    public static readonly SentRows<Keyed<StoredCheckpoint>> Any = new(Prefix, [.. Untagged.Columns, .. Tags]);

    private static readonly string NoTags = string.Join(", ", Tags.Select(c => c.IsNullable ? "NULL::text[]" : "'{}'::text[]"));

    private static readonly string OfUntagged = string.Join(", ", Untagged.Columns.Select(c => $"c.{c.Name}"));

    public static readonly string Into = $"INSERT INTO checkpoints ({Any.Names})";

    /// <summary>The rows as a query of <c>c</c>.</summary>
    public static readonly string Select =
        $"SELECT {OfUntagged}, {string.Join(", ", Tags.Select(c => $"c.{c.Name}::text[]"))} FROM ({Any.Rows}) c";

    /// <summary>The same of rows without tags.</summary>
    public static readonly string SelectUntagged = $"SELECT {OfUntagged}, {NoTags} FROM ({Untagged.Rows}) c";

    /// <summary>The values of one row without tags.</summary>
    public static readonly string ValuesUntagged = $"{Untagged.Values}, {NoTags}";

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
}
