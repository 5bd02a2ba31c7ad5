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

    private readonly SqlStatement _tagged = database.Dialect.Statement(
        "SELECT sequence FROM checkpoint_tags WHERE session_key = @key AND tag = @tag");

    private readonly SqlStatement _rows = database.Dialect.Statement("""
        SELECT sequence, position, parent_sequence, size, stored_size, created_at, trunk
        FROM checkpoints WHERE session_key = @key AND NOT removed ORDER BY sequence DESC
        """);

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
        var tagged = new HashSet<long>();
        foreach (var tag in policy.KeepTags ?? [])
        {
            await transaction.EachAsync(_tagged, row => tagged.Add(row.Long()), ("key", key), ("tag", tag));
        }

        var imports = policy.KeepYoungerThan is null ? new ImportTimes() : await _imports.ReadAsync(transaction, key);
        await transaction.EachAsync(
            _rows,
            row =>
            {
                var (sequence, position) = (row.Long(), row.Long());
                if (!removed.Cover(sequence))
                {
                    surveyor.Add(new Surveyed(
                        sequence, row.Long(), row.Int(), row.Int(), imports.AgeFrom(position, row.Time()), row.Bool(),
                        tagged.Contains(sequence)));
                }
            },
            ("key", key));
    }
}
