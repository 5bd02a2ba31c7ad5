using Forge.Catalog;
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
        tenant.MapGet("/sessions", ListAsync).WithName("listSessions")
            .WithSummary("List the sessions, in the order of their names")
            .WithQuery("prefix", "Only sessions whose names begin so.")
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("cursor", "The next of the page before, with the same prefix.");
        return tenant;
    }

    private static async Task<Ok<SessionPageAnswer>> ListAsync(TenantScope scope)
    {
        var query = scope.Query();
        var page = await scope.Grain<ICatalogGrain>().ListSessionsAsync(
            new SessionQuery
            {
                Prefix = query.String("prefix") ?? "",
                Limit = query.Limit("limit", DefaultLimit),
                Cursor = query.String("cursor"),
            },
            scope.Aborted);
        return TypedResults.Ok(new SessionPageAnswer([.. page.Items.Select(SessionAnswer.Of)], page.Next));
    }
}

/// <summary>A page of sessions.</summary>
/// <param name="Items">The sessions.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
internal sealed record SessionPageAnswer(IReadOnlyList<SessionAnswer> Items, string? Next);
