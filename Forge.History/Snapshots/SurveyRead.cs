using Forge.History.Retention;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.History.Snapshots;

/// <summary>
/// Reads what a survey has to know of the visible checkpoints, as they are at one instant, and holds none of those that go.
/// </summary>
internal sealed class SurveyRead(ISqlDatabase database)
{
    private readonly HeadRows _heads = new(database.Dialect);

    private readonly CheckpointPages _pages = new(database.Dialect);

    private readonly ImportTimes.Reader _imports = new(database.Dialect);

    private readonly SqlStatement _rows = Rows(database.Dialect, "");

    // Of a policy with tags those of each row are read with it: a list of all that have one would grow with the session.
    private readonly SqlStatement _rowsWithTags = Rows(database.Dialect, ", tags");

    public Task<Versioned<CompactionSurvey>> ReadAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async transaction =>
            {
                var head = await _heads.ReadAsync(transaction, address);
                var surveyor = new Surveyor(policy, now, head?.Head ?? 0, head?.Current ?? 0);
                if (head is { DeletedAt: null })
                {
                    await AddAsync(transaction, head.Key, policy, surveyor);
                }

                return new Versioned<CompactionSurvey>(head?.Version ?? 0, surveyor.Finish(head?.LastSequence ?? 0));
            },
            cancellationToken);

    private async ValueTask AddAsync(SqlTransaction transaction, long key, RetentionPolicy policy, Surveyor surveyor)
    {
        var removed = await _pages.RemovedAsync(transaction, key);
        var trunks = await _pages.TrunksAsync(transaction, key);
        var tags = policy.KeepTags is { Count: > 0 } wanted ? new HashSet<string>(wanted, StringComparer.Ordinal) : null;
        var imports = policy.KeepYoungerThan is null ? new ImportTimes() : await _imports.ReadAsync(transaction, key);
        await transaction.EachAsync(
            tags is null ? _rows : _rowsWithTags,
            row =>
            {
                var (sequence, position) = (row.Long(), row.Long());
                if (!removed.Cover(sequence))
                {
                    surveyor.Add(new Surveyed(
                        sequence, row.Long(), row.Int(), row.Int(), imports.AgeFrom(position, row.Time()),
                        row.Bool() | trunks.Cover(sequence), tags is not null && row.Texts().Any(tags.Contains)));
                }
            },
            ("key", key));
    }

    private static SqlStatement Rows(SqlDialect dialect, string more) => dialect.Statement($"""
        SELECT sequence, position, parent_sequence, size, stored_size, created_at, trunk{more}
        FROM checkpoints WHERE session_key = @key AND NOT removed ORDER BY sequence DESC
        """);
}
