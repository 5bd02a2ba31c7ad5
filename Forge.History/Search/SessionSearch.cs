using Forge.Catalog;
using Forge.History.Rows;
using Forge.History.Sql;
using Forge.History.Stores;
using Forge.History.Tables;
using Forge.Identity;

namespace Forge.History.Search;

/// <summary>Finds sessions of a tenant, in the order of names or of activity, by the index that its conditions leave the least of.</summary>
internal sealed class SessionSearch(ISqlDatabase database)
{
    /// <summary>How many rows of a label are counted to tell which of several is the rarest.</summary>
    private const int Counted = 1000;

    private static readonly Selection<SessionHead> Head = HistoryTables.Sessions.All;

    private static readonly (string Names, string From) Shown = ($"s.session, {Head.Of("s")}, h.id, c.id", """
        JOIN sessions s ON s.session_key = p.session_key
        LEFT JOIN checkpoints h ON h.session_key = s.session_key AND h.sequence = s.head_sequence
        LEFT JOIN checkpoints c ON c.session_key = s.session_key AND c.sequence = s.current_sequence
        """);

    private readonly SqlStatement _count = database.Dialect.Statement($"""
        SELECT count(*) FROM (
            SELECT 1 FROM session_labels WHERE tenant = @tenant AND name = @name AND value = @value LIMIT {Counted}) l
        """);

    /// <summary>A page of what a filter asks for.</summary>
    public Task<FoundPage<SessionRow, SessionPlace>> FindAsync(
        TenantId tenant, SessionFilter filter, CancellationToken cancellationToken) => database.ReadAsync(
        async t =>
        {
            var isByName = filter.Order == SessionOrder.Name;
            var walk = Walk(tenant, filter with { Labels = await RarestFirstAsync(t, tenant, filter.Labels) }, isByName);
            var (rows, goesOn) = await walk.TakeAsync<SessionPlace, SessionRow>(
                t, filter.Limit, filter.MostLooked, isByName ? Named : Active, Row);
            return new FoundPage<SessionRow, SessionPlace>([.. rows.Select(r => r.Row)], goesOn);
        },
        cancellationToken);

    private IndexWalk Walk(TenantId tenant, SessionFilter filter, bool isByName)
    {
        string[] place = isByName ? ["session"] : ["active_at", "session_key"];
        var source = filter.Labels.Count > 0 ? "session_labels" : isByName ? "sessions" : "session_activity";
        var walk = new IndexWalk(database.Dialect, source, place, isFalling: !isByName)
        {
            Carried = isByName ? ["session_key"] : [],
            WantedOf = "sessions s WHERE s.session_key = d.session_key",
            Shown = Shown,
        };
        walk.Bounds.And("d.tenant = @tenant", ("tenant", tenant.Value));
        walk.Wanted.And("s.deleted_at IS NULL");
        if (filter.Labels is [var label, ..])
        {
            walk.Bounds.And("d.name = @name AND d.value = @value", ("name", label.Name), ("value", label.Value));
        }

        foreach (var (other, i) in filter.Labels.Skip(1).Select((other, i) => (other, i)))
        {
            walk.Wanted.And(
                "EXISTS (SELECT 1 FROM session_labels l WHERE l.session_key = s.session_key " +
                $"AND l.name = @name{i} AND l.value = @value{i})",
                ($"name{i}", other.Name),
                ($"value{i}", other.Value));
        }

        if (filter.Branch is { } branch)
        {
            walk.Wanted.And("EXISTS (SELECT 1 FROM branches b WHERE b.session_key = s.session_key AND b.branch = @branch)", ("branch", branch));
        }

        if (filter.ClaimOwner is { } owner)
        {
            walk.Wanted.And("s.claim_owner = @owner", ("owner", owner));
        }

        // Where a page goes on tells where its range begins, and a range that two conditions began would be walked from its beginning by
        // SQLite: the other one is looked at for each row.
        var goesOn = filter.After is not null;
        if (filter.Prefix.Length > 0)
        {
            (isByName && !goesOn ? walk.Bounds : walk.Wanted).And(
                $"{(isByName && !goesOn ? "d" : "s")}.session >= @prefix", ("prefix", filter.Prefix));
            (isByName ? walk.Bounds : walk.Wanted).And($"{(isByName ? "d" : "s")}.session < @end", ("end", filter.End));
        }

        // What was noted is never ahead of what the head says, so that these rows are among those that its own time is asked of.
        if (filter.ActiveAfter is { } since)
        {
            (isByName ? walk.Wanted : walk.Bounds).And($"{(isByName ? StoredActivity.OfHead : "d.active_at")} >= @since", ("since", since));
        }

        if (filter.ActiveBefore is { } until)
        {
            walk.Wanted.And($"{StoredActivity.OfHead} <= @until", ("until", until));
            if (!isByName && !goesOn)
            {
                walk.Bounds.And("d.active_at <= @latest", ("latest", until));
            }
        }

        return filter.After is not { } after ? walk
            : isByName ? walk.Behind(("after", after.Session))
            : walk.Behind(("after", after.At), ("after_key", after.Key));
    }

    /// <summary>The labels, with the rarest of the tenant first: that is the one whose rows are walked along.</summary>
    private async ValueTask<IReadOnlyList<StoredLabel>> RarestFirstAsync(
        SqlTransaction transaction, TenantId tenant, IReadOnlyList<StoredLabel> labels)
    {
        if (labels.Count < 2)
        {
            return labels;
        }

        var counts = new List<(StoredLabel Label, long Count)>();
        foreach (var label in labels)
        {
            counts.Add((label, await transaction.ReadOneAsync(
                _count, row => row.Long(), ("tenant", tenant.Value), ("name", label.Name), ("value", label.Value))));
        }

        return [.. counts.OrderBy(c => c.Count).Select(c => c.Label)];
    }

    private static SessionPlace Named(SqlRow row)
    {
        var place = new SessionPlace(row.Text());
        row.Skip(1);
        return place;
    }

    private static SessionPlace Active(SqlRow row) => new("", row.Time(), row.Long());

    private static SessionRow Row(SqlRow row)
    {
        var session = SessionId.Parse(row.Text());
        return new(session, new HeadRead(Head.Read(row), Id(row), Id(row)));
    }

    private static CheckpointId Id(SqlRow row) => row.TakeNull() ? default : new CheckpointId(row.Guid());
}
