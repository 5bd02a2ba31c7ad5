using Forge.History.Sql;

namespace Forge.History.Sqlite;

/// <summary>The statement that inserts one row of a table under a session.</summary>
internal sealed class SqliteInsert<TRow>(Table<TRow> table, string conflict = "")
{
    private readonly SqlInsert<TRow> _insert = Dialect.Instance.Insert(table, conflict);

    public int Execute(SqliteDatabase database, long key, TRow row)
    {
        var statement = database.Prepare(_insert.Statement.Text);
        var parameters = new Parameters(statement);
        parameters.Long(key);
        var columns = _insert.Columns;
        for (var i = 0; i < columns.Count; i++)
        {
            columns[i].Write(parameters, row);
        }

        return statement.Execute();
    }

    /// <summary>Lets go of the values that were inserted last.</summary>
    public void Release(SqliteDatabase database) => database.Prepare(_insert.Statement.Text).Clear();
}
