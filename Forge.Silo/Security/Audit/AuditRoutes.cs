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

    private static readonly object Part = new();

    public static RouteGroupBuilder MapAudit(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("/audit", ListAsync)
            .WithOperation<ListAudit>("What was done to the tenant's keys and sessions that admins want to know of, and which credentials were refused")
            .WithQuery("after", "The position, from 0; the oldest that is kept if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer);
        return tenant;
    }

    /// <summary>
    /// Has the audit note each time that the route did what it is for, did a part of it, or may have done it; what was refused for sure is left
    /// out.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <param name="act">What the audit calls it.</param>
    /// <param name="inParts">True if parts take effect by themselves, so that a failure does not say that nothing was done.</param>
    public static RouteHandlerBuilder Audits(this RouteHandlerBuilder route, string act, bool inParts = false) => route.AddEndpointFilter(async (context, next) =>
    {
        var http = context.HttpContext;
        string? outcome = AuditTrail.Unknown;
        try
        {
            var result = await next(context);
            outcome = OutcomeOf(http, result);
            return result;
        }
        catch (Exception exception) when (IsRefusal(exception, inParts))
        {
            outcome = null;
            throw;
        }
        finally
        {
            if (outcome is not null && Caller.Of(http) is { } caller)
            {
                http.RequestServices.GetRequiredService<AuditTrail>().Note(
                    caller.Tenant.Value, act, caller.Who, http.GetRouteValue("session") is string session ? $"session:{session}" : "", outcome);
            }
        }
    });

    /// <summary>Says that a part of what a request asked for was done, although its answer is an error.</summary>
    public static void NotePart(HttpContext context) => context.Items[Part] = AuditTrail.Partial;

    private static string? OutcomeOf(HttpContext http, object? result)
    {
        var answer = result is INestedHttpResult { Result: var nested } ? nested : result;
        if ((answer as IStatusCodeHttpResult)?.StatusCode is >= StatusCodes.Status400BadRequest)
        {
            return http.Items[Part] as string;
        }

        // A document that breaks off ends its connection, and is no error to its route.
        return HttpMethods.IsGet(http.Request.Method) && http.RequestAborted.IsCancellationRequested ? AuditTrail.Partial : AuditTrail.Done;
    }

    // As a session's grain and database have it, these say that nothing was changed; of several sessions they say it of one.
    private static bool IsRefusal(Exception exception, bool inParts) => inParts
        ? exception is InvalidRequestException or ImportRejectedException or UnsupportedBodyException
        : Problem.From(exception, changes: true) is { Status: < StatusCodes.Status500InternalServerError and not StatusCodes.Status408RequestTimeout }
            or { Code: "unavailable" };

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
/// <param name="Outcome"><c>done</c>, <c>partial</c>, <c>unknown</c> (no answer came, or nobody was there for it) or <c>refused</c>.</param>
/// <param name="Detail">What else is to be said.</param>
internal sealed record AuditAnswer(
    long Position, DateTime At, string Act, string Who, string Target, string Outcome,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail)
{
    public static AuditAnswer Of(AuditEntry entry) => new(
        entry.Position, entry.At.UtcDateTime, entry.Act, entry.Who, entry.Target, entry.Outcome, entry.Detail.Length == 0 ? null : entry.Detail);
}
