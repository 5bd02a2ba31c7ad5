using Forge.History.Sql;

namespace Forge.History.Sqlite;

/// <summary>A transaction on a connection, which its opener ends. Each call is over when it returns.</summary>
internal sealed class Transaction(SqliteDatabase database) : SqlTransaction
{
    /// <summary>Runs work that is written for any database to its end, on this thread.</summary>
    /// <exception cref="InvalidOperationException">The work waited for something else than the database.</exception>
    public static T Run<T>(SqliteDatabase database, Func<SqlTransaction, ValueTask<T>> work, out bool isGivenUp)
    {
        var transaction = new Transaction(database);
        var running = work(transaction);

        // The thread is the one that writes: it must not be left, and must not wait for what may need it.
        if (!running.IsCompleted)
        {
            throw new InvalidOperationException("The work waits for something else than the embedded database.");
        }

        isGivenUp = transaction.IsGivenUp;
#pragma warning disable CA1849 // It is completed.
        return running.GetAwaiter().GetResult();
#pragma warning restore CA1849
    }

    public override ValueTask<int> ExecuteAsync(SqlStatement statement, params SqlArgument[] arguments) =>
        ValueTask.FromResult(Prepare(statement, arguments).Execute());

    public override ValueTask EachAsync(SqlStatement statement, Action<SqlRow> read, params SqlArgument[] arguments)
    {
        var prepared = Prepare(statement, arguments);
        var row = new RowReader(prepared);
        while (prepared.Read())
        {
            row.Begin();
            read(row);
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask<int> InsertAsync<TRow>(SqlInsert<TRow> insert, long key, IReadOnlyList<TRow> rows)
    {
        var (prepared, inserted) = (database.Prepare(insert.Statement.Text), 0);
        var parameters = new Parameters(prepared);
        foreach (var row in rows)
        {
            if (insert.IsUnderSession)
            {
                parameters.Long(key);
            }

            foreach (var column in insert.Columns)
            {
                column.Write(parameters, row);
            }

            inserted += prepared.Execute();
        }

        // The greatest of them, a state, would be held until the next use.
        prepared.Clear();
        return ValueTask.FromResult(inserted);
    }

    /// <remarks>One transaction writes at a time.</remarks>
    public override ValueTask HoldAsync(long key) => ValueTask.CompletedTask;

    private SqliteStatement Prepare(SqlStatement statement, SqlArgument[] arguments)
    {
        var prepared = database.Prepare(statement.Text);
        statement.Write(new Parameters(prepared), arguments);
        return prepared;
    }
}
