using Forge.History.Changes;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Chain;

/// <summary>What a commit makes of a head row.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Batch">The batch that it is written in.</param>
internal readonly record struct HeadMove(SessionCommit Commit, Guid Batch)
{
    /// <summary>What is written, in the order of the table. Who writes it names the batch and seals the row.</summary>
    public static readonly IReadOnlyList<Column<HeadMove>> Written =
    [
        .. HistoryTables.Sessions.Written.Select(c => c.Name switch
        {
            HistoryTables.LastBatch => new Column<HeadMove, Guid>(c.Name, SqlKinds.Of<Guid>(false), m => m.Batch, null, c.Use),
            HistoryTables.Seal => new Column<HeadMove, long?>(
                c.Name, SqlKinds.Of<long?>(true), m => RowSeal.OfHead(m.Commit.Address, m.Commit.Head, m.Batch), null, c.Use),
            _ => c.On<HeadMove>(m => m.Commit.Head),
        }),
    ];

    /// <summary>The version that the row must have.</summary>
    public static readonly Column<HeadMove> Expected =
        new Column<HeadMove, long>("expected", SqlKinds.Of<long>(false), m => m.Commit.ExpectedVersion, null);

    /// <summary>The name of a session that is to be added; nothing for one that is there.</summary>
    public static readonly IReadOnlyList<Column<HeadMove>> Names =
    [
        new Column<HeadMove, string>(
            "tenant", SqlKinds.Of<string>(false), m => m.Commit.ExpectedVersion == 0 ? m.Commit.Address.Tenant.Value : "", null),
        new Column<HeadMove, string>(
            "session", SqlKinds.Of<string>(false), m => m.Commit.ExpectedVersion == 0 ? m.Commit.Address.Session.Value : "", null),
    ];
}
