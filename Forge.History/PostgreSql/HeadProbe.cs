using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>
/// Reads the head rows of a batch so that no transaction on them is still under way. Rows that are there are locked; for
/// a session that may just be being made, a row of the same name is put in its place for a moment, which waits for whoever
/// is making it.
/// </summary>
internal static class HeadProbe
{
    private const string Names =
        "unnest(@keys::bigint[], @tenants::text[], @sessions::text[]) WITH ORDINALITY AS i (session_key, tenant, session, place)";

    private static readonly SqlStatement Patience = Dialect.Instance.Statement("SELECT set_config('lock_timeout', @patience, true)");

    private static readonly SqlStatement Insert = Dialect.Instance.Statement($"""
        INSERT INTO sessions (session_key, tenant, session, {string.Join(", ", Wanted.Select(c => c.Name))})
        SELECT session_key, tenant, session, {string.Join(", ", Wanted.Select(c => Nothing(c.Type)))}
        FROM {Names} ORDER BY tenant, session
        ON CONFLICT DO NOTHING
        """);

    private static readonly SqlStatement Select = Dialect.Instance.Statement($"""
        SELECT s.version, s.last_batch FROM {Names}
        LEFT JOIN LATERAL (
            SELECT h.version, h.last_batch FROM sessions h
            WHERE h.tenant = i.tenant AND h.session = i.session FOR UPDATE) s ON true
        ORDER BY i.place
        """);

    /// <summary>What a head row must have.</summary>
    private static IEnumerable<Column<SessionHead>> Wanted =>
        HistoryTables.Sessions.Written.Where(c => !c.IsNullable && !c.Is(ColumnUse.Key));

    public static async Task<IReadOnlyList<CommitOutcome>> ReadAsync(
        NpgsqlConnection connection, CommitBatch batch, PostgreSqlDatabase database, CancellationToken cancellationToken)
    {
        // Ended without a commit: what was put in goes again.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var statements = new NpgsqlBatch(connection, transaction);
        Add(Patience, ("patience", $"{(long)(database.CommandTimeout.TotalMilliseconds / 2)}ms"));
        Add(Insert, NamesOf([.. batch.Commits.Where(c => c.ExpectedVersion == 0)]));
        Add(Select, NamesOf(batch.Commits));

        var outcomes = new List<CommitOutcome>(batch.Commits.Count);
        await using var reader = await statements.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var row = new RowReader(reader);
        while (await reader.ReadAsync(cancellationToken))
        {
            row.Begin();
            var version = row.TakeNull() ? -1 : row.Long();
            var lastBatch = row.TakeNull() ? Guid.Empty : row.Guid();
            outcomes.Add(new(
                lastBatch == batch.Id ? CommitStatus.Committed
                : version == batch.Commits[outcomes.Count].ExpectedVersion ? CommitStatus.Unavailable
                : CommitStatus.Unknown));
        }

        return outcomes;

        void Add(SqlStatement statement, params SqlArgument[] arguments)
        {
            var command = new NpgsqlBatchCommand(statement.Text);
            statement.Write(new Parameters(command.Parameters), arguments);
            statements.BatchCommands.Add(command);
        }
    }

    private static SqlArgument[] NamesOf(IReadOnlyList<SessionCommit> commits) =>
    [
        ("keys", commits.Select(c => c.Head.Key).ToArray()),
        new("tenants", p => p.List(SqlType.Text, commits.Select(c => c.Address.Tenant.Value).ToArray())),
        new("sessions", p => p.List(SqlType.Text, commits.Select(c => c.Address.Session.Value).ToArray())),
    ];

    /// <summary>A value that says nothing, as the database takes it.</summary>
    private static string Nothing(SqlType type) => type switch
    {
        SqlType.Guid => $"'{Guid.Empty}'",
        SqlType.Time => "'-infinity'",
        SqlType.Text => "''",
        SqlType.Bool => "false",
        _ => "0",
    };
}
