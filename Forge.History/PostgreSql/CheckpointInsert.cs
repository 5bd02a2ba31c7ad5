using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.PostgreSql;

/// <summary>
/// How checkpoint rows are sent: by an array a column, or one row by its values. Plain rows send no columns that are rare, and none sends
/// traces unless one of them has any: each of the statements that insert rows has two texts.
/// </summary>
internal sealed class CheckpointInsert
{
    private const string Prefix = "row_";

    private readonly string _none;
    private readonly string _ofPlain;
    private readonly Column<Keyed<StoredCheckpoint>>[] _rare;

    private CheckpointInsert(Table<StoredCheckpoint> table)
    {
        Column<Keyed<StoredCheckpoint>>[] columns = [.. Keyed<StoredCheckpoint>.Written(table)];
        _rare = [.. columns.Where(c => c.Is(ColumnUse.Rare))];
        Plain = new(Prefix, [.. columns.Except(_rare)]);
        Any = new(Prefix, [.. Plain.Columns, .. _rare]);
        _none = string.Join(", ", _rare.Select(c => c.IsNullable ? $"NULL::{TypeOf(c)}" : "'{}'::text[]"));
        _ofPlain = string.Join(", ", Plain.Columns.Select(c => $"c.{c.Name}"));
    }

    /// <summary>Of rows of which none has a trace.</summary>
    public static CheckpointInsert Untraced { get; } = new(HistoryTables.Checkpoints);

    /// <summary>Of rows of which one has a trace.</summary>
    public static CheckpointInsert Traced { get; } = new(HistoryTables.TracedCheckpoints);

    /// <summary>What is sent of plain rows.</summary>
    public SentRows<Keyed<StoredCheckpoint>> Plain { get; }

    /// <summary>What is sent of any rows.</summary>
    public SentRows<Keyed<StoredCheckpoint>> Any { get; }

    public string Into => $"INSERT INTO checkpoints ({Any.Names})";

    /// <summary>The rows as a query of <c>c</c>.</summary>
    public string Select => $"SELECT {_ofPlain}, {string.Join(", ", _rare.Select(c => $"c.{c.Name}::{TypeOf(c)}"))} FROM ({Any.Rows}) c";

    /// <summary>The same of plain rows.</summary>
    public string SelectPlain => $"SELECT {_ofPlain}, {_none} FROM ({Plain.Rows}) c";

    /// <summary>The values of one plain row.</summary>
    public string ValuesPlain => $"{Plain.Values}, {_none}";

    /// <summary>True if one of some rows has a trace.</summary>
    public static bool AreTraced(List<Keyed<StoredCheckpoint>> rows) => rows.Exists(static row => row.Row.Trace is not null);

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

/// <summary>A statement that inserts checkpoints, in its two texts.</summary>
/// <param name="make">Makes one of them.</param>
internal sealed class CheckpointStatement(Func<CheckpointInsert, SqlStatement> make)
{
    private readonly SqlStatement _untraced = make(CheckpointInsert.Untraced);
    private readonly SqlStatement _traced = make(CheckpointInsert.Traced);

    /// <summary>The text, and what it is sent.</summary>
    /// <param name="isTraced">True if one of the rows has a trace.</param>
    public (string Text, CheckpointInsert Insert) For(bool isTraced) =>
        isTraced ? (_traced.Text, CheckpointInsert.Traced) : (_untraced.Text, CheckpointInsert.Untraced);
}
