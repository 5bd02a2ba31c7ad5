using Forge.Checkpoints;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Search;

/// <summary>
/// Finds checkpoints across a tenant by a tag or by a trigger other than manual, in the order of their times.
/// </summary>
internal sealed class CheckpointSearch(ISqlDatabase database)
{
    private static readonly Selection<StoredCheckpoint> Summary = HistoryTables.Checkpoints.Without(ColumnUse.Heavy);

    private static readonly (string Names, string From) Shown = ($"s.session, {Summary.Of("c")}", """
        JOIN sessions s ON s.session_key = p.session_key
        JOIN checkpoints c ON c.session_key = p.session_key AND c.sequence = p.sequence
        """);

    /// <summary>A page of what a filter asks for.</summary>
    public Task<FoundPage<CheckpointRow, CheckpointPlace>> FindAsync(
        TenantId tenant, CheckpointFilter filter, CancellationToken cancellationToken) => database.ReadAsync(
        async t =>
        {
            var (rows, goesOn) = await Walk(tenant, filter).TakeAsync(t, filter.Limit, filter.MostLooked, Place, Row);
            var (kept, bytes) = (0, 0L);
            while (kept < rows.Count && bytes < filter.MostBytes)
            {
                bytes += CheckpointList.BytesOf(rows[kept++].Row.Row);
            }

            return new FoundPage<CheckpointRow, CheckpointPlace>(
                [.. rows.Take(kept).Select(r => r.Row)], kept < rows.Count ? rows[kept - 1].Place : goesOn);
        },
        cancellationToken);

    private IndexWalk Walk(TenantId tenant, CheckpointFilter filter)
    {
        var walk = new IndexWalk(
            database.Dialect,
            filter.Tag is null ? "checkpoints" : "checkpoint_tags",
            ["created_at", "session_key", "sequence"],
            isFalling: filter.Order == ListOrder.NewestFirst)
        {
            WantedOf = "sessions s JOIN checkpoints c ON c.session_key = s.session_key " +
                "WHERE s.session_key = d.session_key AND c.sequence = d.sequence",
            Shown = Shown,
        };
        walk.Wanted
            .And("s.tenant = @tenant AND s.deleted_at IS NULL AND NOT c.removed", ("tenant", tenant.Value))
            .And("NOT EXISTS (SELECT 1 FROM removed_ranges r WHERE r.session_key = c.session_key " +
                "AND r.first_sequence <= c.sequence AND r.last_sequence >= c.sequence)");
        if (filter.Tag is { } tag)
        {
            walk.Bounds.And("d.tenant = @of AND d.tag = @tag", ("of", tenant.Value), ("tag", tag));
        }

        if (filter.Trigger is { } trigger)
        {
            // Most are manual, and are in no index: the number stands here as it does where that is made.
            (filter.Tag is null ? walk.Bounds : walk.Wanted).And(
                filter.Tag is null ? "d.trigger_kind = @trigger AND d.trigger_kind <> 0" : "c.trigger_kind = @trigger",
                ("trigger", (short)trigger));
        }

        if (filter.Prefix.Length > 0)
        {
            walk.Wanted.And("s.session >= @prefix AND s.session < @end", ("prefix", filter.Prefix), ("end", filter.End));
        }

        // Where a page goes on tells one of the two, and a range that both began would be walked from its beginning by SQLite.
        var (isFalling, goesOn) = (filter.Order == ListOrder.NewestFirst, filter.After is not null);
        if (filter.From is { } from)
        {
            Bound(goesOn && !isFalling, ">= @from", ("from", from));
        }

        if (filter.To is { } to)
        {
            Bound(goesOn && isFalling, "<= @to", ("to", to));
        }

        return filter.After is { } after ? walk.Behind(("after", after.At), ("after_key", after.Key), ("after_sequence", after.Sequence)) : walk;

        void Bound(bool isTold, string condition, SqlArgument time) =>
            (isTold ? walk.Wanted : walk.Bounds).And($"{(isTold ? "c" : "d")}.created_at {condition}", time);
    }

    private static CheckpointPlace Place(SqlRow row) => new(row.Time(), row.Long(), row.Long());

    private static CheckpointRow Row(SqlRow row) => new(SessionId.Parse(row.Text()), Summary.Read(row));
}
