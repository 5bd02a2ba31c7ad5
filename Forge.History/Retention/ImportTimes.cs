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
    private readonly List<(long First, long Last, DateTimeOffset At)> _imports = [];

    /// <summary>The time from which a checkpoint's age is counted.</summary>
    /// <param name="position">The position of its create.</param>
    /// <param name="createdAt">When it was created.</param>
    public DateTimeOffset AgeFrom(long position, DateTimeOffset createdAt)
    {
        foreach (var (first, last, at) in _imports)
        {
            if (position >= first && position <= last)
            {
                return at > createdAt ? at : createdAt;
            }
        }

        return createdAt;
    }

    private void Add(DateTimeOffset at, string? detail)
    {
        if (EventDetail.Read(detail) is { Position: { } first, Count: { } count })
        {
            _imports.Add((first, first + count - 1, at));
        }
    }

    /// <summary>Reads them.</summary>
    public sealed class Reader(SqlDialect dialect)
    {
        // The last condition is that of the index.
        private const string OfImports = "session_key = @key AND kind = 7";

        private readonly SqlStatement _all = dialect.Statement($"SELECT at, detail FROM events WHERE {OfImports}");

        private readonly SqlStatement _newest = dialect.Statement(
            $"SELECT at FROM events WHERE {OfImports} ORDER BY position DESC LIMIT 1");

        /// <summary>Those of a session.</summary>
        public async ValueTask<ImportTimes> ReadAsync(SqlTransaction transaction, long key)
        {
            var times = new ImportTimes();
            await transaction.EachAsync(_all, row => times.Add(row.Time(), row.OptionalText()), ("key", key));
            return times;
        }

        /// <summary>When something was last imported into a session; null for never.</summary>
        public ValueTask<DateTimeOffset?> NewestAsync(SqlTransaction transaction, long key) =>
            transaction.ReadOneAsync(_newest, row => (DateTimeOffset?)row.Time(), ("key", key));
    }
}
