namespace Forge.History.Sql;

/// <summary>
/// The row that a query stands at. Its values are taken in the order of the select list, each once, so that nobody counts
/// columns.
/// </summary>
internal abstract class SqlRow
{
    private int _next;

    /// <summary>True if the next value is null; it stays the next.</summary>
    public bool IsNull => IsNullAt(_next);

    /// <summary>Begins with the first value; called for each row.</summary>
    public void Begin() => _next = 0;

    /// <summary>The ordinal of the next value, which counts as taken.</summary>
    public int Take() => _next++;

    /// <summary>The next values count as taken.</summary>
    public void Skip(int values) => _next += values;

    /// <summary>True, and the next value counts as taken, if it is null.</summary>
    public bool TakeNull()
    {
        if (!IsNull)
        {
            return false;
        }

        _next++;
        return true;
    }

    public abstract long Long();

    public abstract int Int();

    public abstract short Short();

    public abstract bool Bool();

    public abstract string Text();

    public abstract Guid Guid();

    public abstract DateTimeOffset Time();

    public abstract byte[] Bytes();

    public abstract IReadOnlyList<string> Texts();

    public long? OptionalLong() => TakeNull() ? null : Long();

    public string? OptionalText() => TakeNull() ? null : Text();

    public DateTimeOffset? OptionalTime() => TakeNull() ? null : Time();

    protected abstract bool IsNullAt(int ordinal);
}
