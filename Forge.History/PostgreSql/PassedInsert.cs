using Forge.History.Sql;
using Forge.History.Tables;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>The statement that inserts the rows of a table in the sessions that passed the fence.</summary>
internal sealed class PassedInsert<TRow>
{
    private readonly SentRows<TRow> _sent;
    private readonly SqlStatement _statement;

    /// <param name="table">The table's name.</param>
    /// <param name="sent">How its rows are sent.</param>
    /// <param name="behind">What stands behind the statement.</param>
    public PassedInsert(string table, SentRows<TRow> sent, string behind)
    {
        _sent = sent;
        _statement = new(
            $"""
            INSERT INTO {table} ({sent.Names})
            SELECT {string.Join(", ", sent.Columns.Select(c => $"x.{c.Name}"))} FROM ({sent.Rows}) x WHERE {PassedInserts.Passed} {behind}
            """,
            Dialect.Instance.Prefix,
            ["batch", .. sent.Parameters]);
    }

    /// <summary>Adds the statement, if there are rows.</summary>
    public void AddTo(NpgsqlBatch statements, Guid batch, List<TRow> rows)
    {
        if (rows.Count > 0)
        {
            var command = new NpgsqlBatchCommand(_statement.Text);
            command.Parameters.AddValue(batch);
            _sent.AddArrays(command.Parameters, rows);
            statements.BatchCommands.Add(command);
        }
    }
}

/// <summary>What all such statements have alike.</summary>
internal static class PassedInserts
{
    /// <summary>A condition that holds for a row <c>x</c> of a session whose head row names the batch: of one that passed.</summary>
    public const string Passed =
        "EXISTS (SELECT FROM sessions s WHERE s.session_key = x.session_key AND s.last_batch = @batch)";

    /// <summary>That of a table whose rows stand under a session.</summary>
    public static PassedInsert<Keyed<TRow>> Under<TRow>(Table<TRow> table, string behind = "") =>
        new(table.Name, new SentRows<Keyed<TRow>>("", Keyed<TRow>.Written(table)), behind);
}
