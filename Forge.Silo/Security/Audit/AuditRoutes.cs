using System.Text.Json.Serialization;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Operations;
using Forge.Silo.Http;
using Forge.Silo.Security.Callers;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Forge.Silo.Security.Audit;

/// <summary>Reads what was done that admins want to know of.</summary>
[RequiresScope(AccessScope.Admin)]
internal sealed record ListAudit : IOperation
{
    public bool Changes => false;
}

/// <summary>The route of the audit, and how other routes come into it.</summary>
internal static class AuditRoutes
{
    private const int DefaultLimit = 100;

    public static RouteGroupBuilder MapAudit(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("/audit", ListAsync)
            .WithOperation<ListAudit>("What was done to the tenant's keys and sessions that admins want to know of, and which credentials were refused")
            .WithQuery("after", "The position, from 0; the oldest that is kept if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer);
        return tenant;
    }

    /// <summary>Has the audit note each time that the route did what it is for.</summary>
    /// <param name="route">The route.</param>
    /// <param name="act">What the audit calls it.</param>
    public static RouteHandlerBuilder Audits(this RouteHandlerBuilder route, string act) => route.AddEndpointFilter(async (context, next) =>
    {
        var result = await next(context);
        var http = context.HttpContext;
        if (Caller.Of(http) is { } caller && (result as IStatusCodeHttpResult)?.StatusCode is not >= StatusCodes.Status400BadRequest)
        {
            http.RequestServices.GetRequiredService<AuditTrail>().Note(
                caller.Tenant.Value, act, caller.Who, http.GetRouteValue("session") is string session ? $"session:{session}" : "");
        }

        return result;
    });

    private static async Task<Ok<AuditPageAnswer>> ListAsync(TenantScope scope, IAccess store, IOptions<LimitsOptions> limits)
    {
        var query = scope.Query();
        var after = query.Integer("after") ?? 0;
        if (after < 0)
        {
            throw new InvalidRequestException("after", "must be a whole number from 0");
        }

        var limit = query.Limit("limit", DefaultLimit);
        PageRules.Require(limit, limits.Value.PageItems);
        var page = await store.ReadAuditAsync(scope.Tenant.Value, after, limit, scope.Aborted);
        return TypedResults.Ok(new AuditPageAnswer([.. page.Select(AuditAnswer.Of)], page.Count == 0 ? after : page[^1].Position));
    }
}

/// <summary>A page of the audit.</summary>
/// <param name="Items">The entries, by rising positions.</param>
/// <param name="Next">The position to go on after, also once there is more.</param>
internal sealed record AuditPageAnswer(IReadOnlyList<AuditAnswer> Items, long Next);

/// <summary>An entry of the audit.</summary>
/// <param name="Position">Where it stands among those of the tenant, from 1.</param>
/// <param name="At">When it happened.</param>
/// <param name="Act">What it was.</param>
/// <param name="Who">Who did it: <c>key:</c> with an id, <c>jwt:</c> with a subject, <c>host</c>, or empty for nobody that is known.</param>
/// <param name="Target">What it was done to; empty for nothing in particular.</param>
/// <param name="Outcome"><c>done</c> or <c>refused</c>.</param>
/// <param name="Detail">What else is to be said.</param>
internal sealed record AuditAnswer(
    long Position, DateTime At, string Act, string Who, string Target, string Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail)
{
    public static AuditAnswer Of(AuditEntry entry) => new(
        entry.Position, entry.At.UtcDateTime, entry.Act, entry.Who, entry.Target, entry.Outcome, entry.Detail.Length == 0 ? null : entry.Detail);
}
