using Forge.Catalog;
using Forge.Errors;
using Forge.Operations;
using Forge.Silo.Checkpoints;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Forge.Silo.Sessions;

/// <summary>The routes across the sessions of a tenant.</summary>
internal static class CatalogRoutes
{
    private const int DefaultLimit = 100;

    public static RouteGroupBuilder MapCatalog(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("/sessions", ListAsync).WithOperation("listSessions", AccessScope.Read, "Find sessions, in the order of their names or of their activity")
            .WithQuery("prefix", "Only sessions whose names begin so.")
            .WithQuery("label", "Only sessions with this label, as name:value. May come several times; all of them hold.", JsonSchemaType.Array)
            .WithQuery("activeAfter", "Only sessions that were active at this time or later.")
            .WithQuery("activeBefore", "Only sessions that were active at this time or earlier, and not since.")
            .WithQuery("branch", "Only sessions that have a branch of this name.")
            .WithQuery("claim", "Only sessions that an owner of this name has claimed.")
            .WithQuery("order", "name (the default) or activity, the newest first.")
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("cursor", "The next of the page before, with the same conditions.");
        tenant.MapGet("/checkpoints", SearchAsync).WithOperation("searchCheckpoints", AccessScope.Read, "Find checkpoints across sessions, without their states")
            .WithQuery("tag", "Only those with this tag.")
            .WithQuery("trigger", "Only those with this trigger.")
            .WithQuery("from", "Only those created at this time or later.")
            .WithQuery("to", "Only those created at this time or earlier.")
            .WithQuery("session", "Only those of sessions whose names begin so.")
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("order", "newest (the default) or oldest first.")
            .WithQuery("cursor", "The next of the page before, with the same conditions.");
        tenant.MapGet("/usage", UsageAsync).WithOperation("getUsage", AccessScope.Read, "What the tenant has in the cluster, and what it may have");
        return tenant;
    }

    private static async Task<Ok<SessionPageAnswer>> ListAsync(TenantScope scope)
    {
        var query = scope.Query();
        var page = await scope.Grain<ICatalogGrain>().ListSessionsAsync(
            new SessionQuery
            {
                Prefix = query.String("prefix") ?? "",
                Labels = LabelParameters.Parse(query.Strings("label")),
                ActiveAfter = query.Time("activeAfter"),
                ActiveBefore = query.Time("activeBefore"),
                Branch = query.String("branch"),
                ClaimOwner = query.String("claim"),
                Order = query.String("order") switch
                {
                    null or "name" => SessionOrder.Name,
                    "activity" => SessionOrder.Activity,
                    _ => throw new InvalidRequestException("order", "must be name or activity"),
                },
                Limit = query.Limit("limit", DefaultLimit),
                Cursor = query.String("cursor"),
            },
            scope.Aborted);
        return TypedResults.Ok(new SessionPageAnswer([.. page.Items.Select(SessionAnswer.Of)], page.Next));
    }

    private static async Task<Ok<FoundPageAnswer>> SearchAsync(TenantScope scope)
    {
        var query = scope.Query();
        var page = await scope.Grain<ICatalogGrain>().SearchCheckpointsAsync(
            new CheckpointSearchQuery
            {
                Tag = query.String("tag"),
                Trigger = query.Trigger("trigger"),
                From = query.Time("from"),
                To = query.Time("to"),
                SessionPrefix = query.String("session") ?? "",
                Limit = query.Limit("limit", DefaultLimit),
                Order = query.Order("order"),
                Cursor = query.String("cursor"),
            },
            scope.Aborted);
        return TypedResults.Ok(new FoundPageAnswer(
            [.. page.Items.Select(found => new FoundAnswer(found.Session.Value, CheckpointAnswer.Of(found.Checkpoint)))], page.Next));
    }

    private static async Task<Ok<UsageAnswer>> UsageAsync(TenantScope scope)
    {
        var usage = await scope.Grain<ICatalogGrain>().GetUsageAsync(scope.Aborted);
        return TypedResults.Ok(new UsageAnswer(
            usage.Sessions, usage.StoredBytes, usage.CountedAt.UtcDateTime, new UsageLimitsAnswer(usage.MostSessions, usage.MostStoredBytes)));
    }
}

/// <summary>What a tenant has and may have.</summary>
/// <param name="Sessions">Its living sessions.</param>
/// <param name="StoredBytes">The bytes of their states and pending writes, as they were given.</param>
/// <param name="CountedAt">When that was counted.</param>
/// <param name="Limits">What it may have.</param>
internal sealed record UsageAnswer(long Sessions, long StoredBytes, DateTime CountedAt, UsageLimitsAnswer Limits);

/// <summary>What a tenant may have.</summary>
/// <param name="Sessions">The most living sessions; null for no bound.</param>
/// <param name="StoredBytes">The most bytes; null for no bound.</param>
internal sealed record UsageLimitsAnswer(long? Sessions, long? StoredBytes);

/// <summary>A page of sessions.</summary>
/// <param name="Items">The sessions.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record SessionPageAnswer(IReadOnlyList<SessionAnswer> Items, string? Next);

/// <summary>A page of checkpoints across sessions.</summary>
/// <param name="Items">The checkpoints.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record FoundPageAnswer(IReadOnlyList<FoundAnswer> Items, string? Next);

/// <summary>A checkpoint that was found.</summary>
/// <param name="Session">Its session.</param>
/// <param name="Checkpoint">The checkpoint, without its state.</param>
internal sealed record FoundAnswer(string Session, CheckpointAnswer Checkpoint);
