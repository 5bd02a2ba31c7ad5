using Forge.Effects;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Tables;

namespace Forge.History.Snapshots;

/// <summary>Reads the rows of effects. What is short of them is read alone wherever the rest is not asked for.</summary>
internal sealed class EffectRows(SqlDialect dialect)
{
    /// <summary>How many whole rows a page has.</summary>
    public const int WholeRows = 32;

    private const short Token = (short)EffectClass.Token;

    private static readonly Selection<StoredEffect> All = HistoryTables.Effects.All;
    private static readonly Selection<StoredEffect> Short = HistoryTables.Effects.Without(ColumnUse.Heavy);

    private readonly SqlStatement _find = dialect.Statement(
        $"SELECT {All.Names} FROM effects WHERE session_key = @key AND effect_key = @effect");

    private readonly SqlStatement _list = dialect.Statement($"""
        SELECT {Short.Names} FROM effects WHERE session_key = @key AND effect_key > @effect ORDER BY effect_key LIMIT @limit
        """);

    private readonly SqlStatement _after = dialect.Statement($"""
        SELECT {Short.Names} FROM effects
        WHERE session_key = @key AND (after_sequence, effect_key) > (@after, @effect)
        ORDER BY after_sequence, effect_key LIMIT @limit
        """);

    private readonly SqlStatement _wholeAfter = dialect.Statement($"""
        SELECT {All.Names} FROM effects
        WHERE session_key = @key AND (after_sequence, effect_key) > (@after, @effect)
        ORDER BY after_sequence, effect_key LIMIT @limit
        """);

    private readonly SqlStatement _before = dialect.Statement($"""
        SELECT {All.Names} FROM effects
        WHERE session_key = @key AND effect_key > @effect AND (first_after < @sequence OR class = {Token})
        ORDER BY effect_key LIMIT @limit
        """);

    private readonly SqlStatement _aged = dialect.Statement($"""
        SELECT {Short.Names} FROM effects
        WHERE session_key = @key AND class <> {Token} AND state IN ({(short)EffectStatus.Completed}, {(short)EffectStatus.Failed})
        ORDER BY changed_at, effect_key LIMIT @limit
        """);

    /// <summary>One effect, all of it; null if there is none.</summary>
    public ValueTask<StoredEffect?> FindAsync(SqlTransaction transaction, long key, string effect) =>
        transaction.ReadOneAsync(_find, Read(All), ("key", key), ("effect", effect));

    /// <summary>The short part of effects behind a key, by their keys.</summary>
    public ValueTask<List<StoredEffect>> ListAsync(SqlTransaction transaction, long key, string after, int limit) =>
        transaction.ReadAllAsync(_list, Read(Short), ("key", key), ("effect", after), ("limit", limit));

    /// <summary>The short part of effects behind a place, by when they were last begun and their keys.</summary>
    public ValueTask<List<StoredEffect>> AfterAsync(SqlTransaction transaction, long key, EffectPlace after, int limit) =>
        transaction.ReadAllAsync(_after, Read(Short), Arguments(key, after, limit));

    /// <summary>All of the effects behind a place, a few of them, in the same order.</summary>
    public ValueTask<List<StoredEffect>> WholeAfterAsync(SqlTransaction transaction, long key, EffectPlace after) =>
        transaction.ReadAllAsync(_wholeAfter, Read(All), Arguments(key, after, WholeRows));

    /// <summary>All of the effects behind a key that were first begun before a checkpoint was there, and of all tokens; a few, by their keys.</summary>
    public ValueTask<List<StoredEffect>> BeforeAsync(SqlTransaction transaction, long key, long sequence, string after) =>
        transaction.ReadAllAsync(_before, Read(All), ("key", key), ("effect", after), ("sequence", sequence), ("limit", WholeRows));

    /// <summary>The short part of the settled effects that are no tokens, those that were changed the longest ago first.</summary>
    public ValueTask<List<StoredEffect>> AgedAsync(SqlTransaction transaction, long key, int limit) =>
        transaction.ReadAllAsync(_aged, Read(Short), ("key", key), ("limit", limit));

    /// <summary>
    /// Reads rows in which a value may be one that no write makes, as a time can be in SQLite that is out of bounds. Such a row has the values
    /// that can be read, and a seal that is not its own: whoever looks at it is told that it is damaged, and those beside it can be read.
    /// </summary>
    private static Func<SqlRow, StoredEffect> Read(Selection<StoredEffect> columns) => from =>
    {
        var (row, isSound) = (Table<StoredEffect>.Empty(), true);
        foreach (var column in columns.Columns)
        {
            try
            {
                column.Read(ref row, from);
            }
            catch (Exception exception) when (exception is ArgumentException or OverflowException or InvalidCastException)
            {
                isSound = false;
            }
        }

        return isSound ? row : row with { Seal = ~row.Seal };
    };

    private static SqlArgument[] Arguments(long key, EffectPlace after, int limit) =>
        [("key", key), ("after", after.After), ("effect", after.Key), ("limit", limit)];
}
