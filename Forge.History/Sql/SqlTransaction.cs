namespace Forge.History.Sql;

/// <summary>
/// A transaction of a database, for what is not on the way of a commit: the logic is written once over it, and the databases
/// run it. SQLite's ends each call before it returns; PostgreSQL's does not.
/// </summary>
internal abstract class SqlTransaction
{
    /// <summary>True once nothing is to be kept of what it did.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>Keeps nothing of what it did.</summary>
    public void GiveUp() => IsGivenUp = true;

    /// <summary>Runs a statement; says how many rows it changed.</summary>
    public abstract ValueTask<int> ExecuteAsync(SqlStatement statement, params SqlArgument[] arguments);

    /// <summary>Shows each row of a query as it comes, and holds none.</summary>
    /// <param name="statement">The query.</param>
    /// <param name="read">Takes the values of a row one after another.</param>
    /// <param name="arguments">Its arguments.</param>
    public abstract ValueTask EachAsync(SqlStatement statement, Action<SqlRow> read, params SqlArgument[] arguments);

    /// <summary>Inserts rows.</summary>
    /// <param name="insert">The statement.</param>
    /// <param name="key">The session, if rows stand under one that they do not name.</param>
    /// <param name="rows">The rows.</param>
    public abstract ValueTask<int> InsertAsync<TRow>(SqlInsert<TRow> insert, long key, IReadOnlyList<TRow> rows);

    /// <summary>Lets nobody else that asks the same of a session go on before this transaction ends.</summary>
    public abstract ValueTask HoldAsync(long key);

    /// <summary>All rows of a query.</summary>
    /// <param name="statement">The query.</param>
    /// <param name="read">Makes an item of a row, by taking its values one after another.</param>
    /// <param name="arguments">Its arguments.</param>
    public async ValueTask<List<T>> ReadAllAsync<T>(
        SqlStatement statement, Func<SqlRow, T> read, params SqlArgument[] arguments)
    {
        var items = new List<T>();
        await EachAsync(statement, row => items.Add(read(row)), arguments);
        return items;
    }

    /// <summary>The one row of a query; the default for none.</summary>
    public async ValueTask<T?> ReadOneAsync<T>(SqlStatement statement, Func<SqlRow, T> read, params SqlArgument[] arguments)
    {
        var found = await ReadAllAsync(statement, read, arguments);
        return found.Count == 0 ? default : found[0];
    }
}
