using Forge.Checkpoints;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Snapshots;

/// <summary>
/// Reads the tips of a session's branches, as they are at one instant. No index tells of a checkpoint without a child, so that every row of
/// the session is seen: a page at a time, so that no statement takes longer for a long one.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="pageRows">How many rows a statement reads.</param>
internal sealed class TipRead(ISqlDatabase database, int pageRows = TipRead.PageRows)
{
    private const int PageRows = 50_000;

    private readonly HeadRows _heads = new(database.Dialect);

    private readonly CheckpointPages _pages = new(database.Dialect);

    private readonly SqlStatement _rows = database.Dialect.Statement("""
        SELECT sequence, id, parent_sequence, trunk, branch FROM checkpoints
        WHERE session_key = @key AND sequence < @before AND NOT removed ORDER BY sequence DESC LIMIT @limit
        """);

    public async Task<TipsRead?> ReadAsync(SessionAddress address, int limit, CancellationToken cancellationToken)
    {
        await using var snapshot = await database.OpenAsync(cancellationToken);
        var head = await snapshot.ReadAsync(
            async t => await _heads.FindAsync(t, address) is { } found ? await _heads.WithIdsAsync(t, found) : null, cancellationToken);
        if (head is null)
        {
            return null;
        }

        var key = head.Head.Key;
        var (removed, trunks) = await snapshot.ReadAsync(
            async t => (await _pages.RemovedAsync(t, key), await _pages.TrunksAsync(t, key)), cancellationToken);
        var (finder, before, count) = (new TipFinder(limit), long.MaxValue, pageRows);
        while (count == pageRows)
        {
            count = await snapshot.ReadAsync(AddPageAsync, cancellationToken);
        }

        return new TipsRead(head, finder.Finish());

        async ValueTask<int> AddPageAsync(SqlTransaction transaction)
        {
            var rows = 0;
            await transaction.EachAsync(
                _rows,
                row =>
                {
                    rows++;
                    before = row.Long();
                    if (!removed.Cover(before))
                    {
                        finder.Add(
                            new CheckpointPointer(before, new CheckpointId(row.Guid())), row.Long(), row.Bool() | trunks.Cover(before),
                            row.OptionalText());
                    }
                },
                ("key", key), ("before", before), ("limit", pageRows));
            return rows;
        }
    }
}
