using Forge.History.Chain;
using Forge.History.Changes;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>What a commit makes of a head row; the id of the batch is the first parameter of each statement.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Batch">The batch that it is written in.</param>
internal readonly record struct HeadMove(SessionCommit Commit, Guid Batch)
{
    /// <summary>What is sent: the key, the version that is expected, and what is written but for these two.</summary>
    public static readonly SentColumn<HeadMove>[] Columns =
    [
        SentColumn<HeadMove>.Of("session_key", "bigint", m => m.Commit.Head.Key),
        SentColumn<HeadMove>.Of("expected", "bigint", m => m.Commit.ExpectedVersion),
        SentColumn<HeadMove>.Of("incarnation", "integer", m => m.Commit.Head.Incarnation),
        SentColumn<HeadMove>.OfTime("created_at", m => m.Commit.Head.CreatedAt),
        SentColumn<HeadMove>.OfTime("last_created_at", m => m.Commit.Head.LastCreatedAt),
        SentColumn<HeadMove>.Of("last_sequence", "bigint", m => m.Commit.Head.LastSequence),
        SentColumn<HeadMove>.Of("head_sequence", "bigint", m => m.Commit.Head.Head),
        SentColumn<HeadMove>.Of("current_sequence", "bigint", m => m.Commit.Head.Current),
        SentColumn<HeadMove>.Of("last_position", "bigint", m => m.Commit.Head.LastPosition),
        SentColumn<HeadMove>.Of("checkpoint_count", "bigint", m => m.Commit.Head.Count),
        SentColumn<HeadMove>.Of("checkpoint_bytes", "bigint", m => m.Commit.Head.Bytes),
        SentColumn<HeadMove>.Of("settings", "text", m => m.Commit.Head.Settings),
        SentColumn<HeadMove>.Of("origin_key", "bigint", m => m.Commit.Head.OriginKey),
        SentColumn<HeadMove>.Of("origin_sequence", "bigint", m => m.Commit.Head.OriginSequence),
        SentColumn<HeadMove>.Of("chain", "bytea", m => m.Commit.Head.Chain),
        SentColumn<HeadMove>.OfTime("deleted_at", m => m.Commit.Head.DeletedAt),
        SentColumn<HeadMove>.Of("seal", "bigint", m => RowSeal.OfHead(m.Commit.Address, m.Commit.Head, m.Batch)),
    ];

    /// <summary>The columns that are written.</summary>
    public static readonly string Into = $"version, last_batch, {SentColumns.Names(Columns[2..])}";

    /// <summary>Their values, of <c>i</c>.</summary>
    public static readonly string Values = Written([.. Columns.Select(c => $"i.{c.Name}")]);

    /// <summary>The same of one row that is sent by its values, whose parameters begin at a number.</summary>
    public static string ValuesFrom(int firstParameter) => Written(SentColumns.Values(Columns, firstParameter));

    public static HeadMove[] Of(CommitBatch batch) => [.. batch.Commits.Select(c => new HeadMove(c, batch.Id))];

    /// <summary>Adds the arrays of <see cref="Columns"/>.</summary>
    public static void AddArrays(NpgsqlParameterCollection parameters, IReadOnlyList<HeadMove> moves) =>
        Array.ForEach(Columns, c => c.AddArray(parameters, moves));

    /// <summary>Adds the values of <see cref="Columns"/>.</summary>
    public void AddValues(NpgsqlParameterCollection parameters)
    {
        foreach (var column in Columns)
        {
            column.AddValue(parameters, this);
        }
    }

    private static string Written(string[] sent) => $"{sent[1]} + 1, $1, {string.Join(", ", sent[2..])}";
}
