using Forge.History.Sql;
using Npgsql;

namespace Forge.History.PostgreSql;

/// <summary>A transaction on a connection, which its opener ends.</summary>
internal sealed class Transaction(NpgsqlConnection connection, CancellationToken cancellationToken) : SqlTransaction
{
    /// <summary>Apart from the locks that others take for a number: "runs" in ASCII, moved to the front.</summary>
    private const long LockSpace = 0x72756E7300000000;

    private static readonly SqlStatement Hold = Dialect.Instance.Statement("SELECT pg_advisory_xact_lock(@key)");

    public override async ValueTask<int> ExecuteAsync(SqlStatement statement, params SqlArgument[] arguments)
    {
        await using var command = Command(statement, arguments);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public override async ValueTask EachAsync(SqlStatement statement, Action<SqlRow> read, params SqlArgument[] arguments)
    {
        await using var command = Command(statement, arguments);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var row = new RowReader(reader);
        while (await reader.ReadAsync(cancellationToken))
        {
            row.Begin();
            read(row);
        }
    }

    public override async ValueTask<int> InsertAsync<TRow>(SqlInsert<TRow> insert, long key, IReadOnlyList<TRow> rows)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        await using var command = new NpgsqlCommand(insert.Statement.Text, connection);
        var parameters = new Parameters(command.Parameters);
        if (insert.IsUnderSession)
        {
            parameters.Long(key);
        }

        foreach (var column in insert.Columns)
        {
            column.WriteList(parameters, rows);
        }

        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public override async ValueTask HoldAsync(long key) => await ExecuteAsync(Hold, ("key", LockSpace ^ key));

    private NpgsqlCommand Command(SqlStatement statement, SqlArgument[] arguments)
    {
        var command = new NpgsqlCommand(statement.Text, connection);
        statement.Write(new Parameters(command.Parameters), arguments);
        return command;
    }
}
