using Forge.History.Chain;
using Forge.History.Rows;
using Forge.History.Sql;

namespace Forge.History.Retention;

/// <summary>
/// When the imported checkpoints of a session came in. Their own times are those of the session that was exported, and a backup
/// that is brought back must not go by its old age.
/// </summary>
internal sealed class ImportTimes
{
    // Rising: an import has the positions before its event.
    private readonly List<long> _firsts = [];
    private readonly List<(long Last, DateTimeOffset At)> _imports = [];

    /// <summary>The time from which a checkpoint's age is counted.</summary>
    /// <param name="position">The position of its create.</param>
    /// <param name="createdAt">When it was created.</param>
    public DateTimeOffset AgeFrom(long position, DateTimeOffset createdAt) => Find(position) is { } at && at > createdAt ? at : createdAt;

    /// <summary>True if one of them brought the checkpoint whose create has a position.</summary>
    public bool Brought(long position) => Find(position) is not null;

    private DateTimeOffset? Find(long position)
    {
        var found = _firsts.BinarySearch(position);
        var index = found >= 0 ? found : ~found - 1;
        return index >= 0 && _imports[index] is var (last, at) && position <= last ? at : null;
    }

    private void Add(DateTimeOffset at, string? detail)
    {
        if (EventDetail.Read(detail) is { Position: { } first, Count: { } count })
        {
            _firsts.Add(first);
            _imports.Add((first + count - 1, at));
        }
    }

    /// <summary>Reads them.</summary>
    public sealed class Reader(SqlDialect dialect)
    {
        // The second condition is that of the index.
        private const string OfImports = "session_key = @key AND kind = 7";

        private readonly SqlStatement _all = dialect.Statement(
            $"SELECT at, detail FROM events WHERE {OfImports} AND position > @after ORDER BY position LIMIT @limit");

        private readonly SqlStatement _newest = dialect.Statement(
            $"SELECT at FROM events WHERE {OfImports} ORDER BY position DESC LIMIT 1");

        /// <summary>Those of a session.</summary>
        /// <param name="transaction">Where they are read.</param>
        /// <param name="key">The session.</param>
        /// <param name="after">Only those that may have brought something after this position.</param>
        /// <param name="limit">How many at the most.</param>
        public async ValueTask<ImportTimes> ReadAsync(SqlTransaction transaction, long key, long after = 0, long limit = long.MaxValue)
        {
            var times = new ImportTimes();
            await transaction.EachAsync(
                _all, row => times.Add(row.Time(), row.OptionalText()), ("key", key), ("after", after), ("limit", limit));
            return times;
        }

        /// <summary>When something was last imported into a session; null for never.</summary>
        public ValueTask<DateTimeOffset?> NewestAsync(SqlTransaction transaction, long key) =>
            transaction.ReadOneAsync(_newest, row => (DateTimeOffset?)row.Time(), ("key", key));
    }
}
