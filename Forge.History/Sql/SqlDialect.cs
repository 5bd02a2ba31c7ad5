namespace Forge.History.Sql;

/// <summary>How a database says what another one says otherwise. If it can do more or less, the text is not one.</summary>
internal abstract class SqlDialect
{
    /// <summary>What stands before a parameter's number.</summary>
    public abstract char Prefix { get; }

    /// <summary>Behind a query in whose rows the writer is interested: those that others hold are left out.</summary>
    public abstract string SkipLocked { get; }

    /// <summary>Behind a query whose rows must not go before the transaction ends.</summary>
    public abstract string KeepKey { get; }

    /// <summary>Behind a query whose rows must not change before the transaction ends.</summary>
    public abstract string KeepRow { get; }

    /// <summary>The name of a type, as a parameter is cast to it.</summary>
    public abstract string TypeName(SqlType type);

    /// <summary>The lesser of two values.</summary>
    public abstract string Least(string one, string other);

    /// <summary>
    /// Behind a query over one that is in an order already and whose rows are to stay in it: empty if the database keeps them so, and
    /// would only sort them all again before the first is told.
    /// </summary>
    /// <param name="order">The order.</param>
    public abstract string StillInOrder(string order);

    /// <summary>True if a value is one of a parameter that is a list of whole numbers.</summary>
    public abstract string In(string value, string parameter);

    /// <summary>The values of a list, a row each with the column <c>value</c>, as <c>each</c> in FROM.</summary>
    /// <param name="list">A parameter that is a list of whole numbers, or a column that is a list of texts.</param>
    public abstract string Each(string list);

    /// <summary>True if a transaction's number is lower than those of all that run: nothing with a lower one comes any more.</summary>
    /// <param name="transaction">A column that holds the number.</param>
    public abstract string IsSettled(string transaction);

    /// <summary>A statement that inserts rows, by one text or by one execution each.</summary>
    /// <param name="table">The table.</param>
    /// <param name="conflict">What stands behind it.</param>
    public abstract SqlInsert<TRow> Insert<TRow>(Table<TRow> table, string conflict = "");

    public SqlStatement Statement(string text) => new(text, Prefix);

    /// <summary>Removes at most so many (<c>@limit</c>) rows of a session (<c>@key</c>).</summary>
    public SqlStatement RemoveSome<TRow>(Table<TRow> table)
    {
        var key = string.Join(", ", table.KeyNames);
        return Statement($"""
            WITH chosen AS MATERIALIZED (SELECT {key} FROM {table.Name} WHERE session_key = @key LIMIT @limit)
            DELETE FROM {table.Name} WHERE session_key = @key AND ({key}) IN (SELECT {key} FROM chosen)
            """);
    }
}

/// <summary>A statement that inserts rows.</summary>
/// <param name="Statement">The statement.</param>
/// <param name="Columns">What it writes, in its parameters' order, behind the session where rows stand under one.</param>
/// <param name="IsUnderSession">True if the session is its first parameter.</param>
internal sealed record SqlInsert<TRow>(SqlStatement Statement, IReadOnlyList<Column<TRow>> Columns, bool IsUnderSession);
