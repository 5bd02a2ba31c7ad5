using Forge.Documents.Tenants;
using Forge.Errors;
using Forge.Operations;
using Forge.Silo.Http;
using Forge.Silo.Security.Audit;

namespace Forge.Silo.Portability;

/// <summary>The routes that carry all sessions of a tenant in and out, streamed both ways.</summary>
internal static class TenantPortabilityRoutes
{
    public static RouteGroupBuilder MapTenantPortability(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("/export", ExportAsync).WithOperation("exportAll", AccessScope.Admin, "All sessions as one NDJSON document, each as it was at one instant")
            .Audits("tenant_exported")
            .WithDescription(
                "The sessions follow one another by name and are not all of the same instant. One that cannot be exported " +
                "whole says so at its end. An export that breaks off is an aborted connection, and the document lacks its end.")
            .WithQuery("prefix", "Only sessions whose names begin so.")
            .WithQuery("skipDamaged", "true to leave out checkpoints that are damaged; the header says which.")
            .WithQuery("compress", "none, gzip or zstd; by Accept-Encoding if nothing is said.")
            .Produces<Stream>(StatusCodes.Status200OK, DocumentAnswer.Ndjson);
        tenant.MapPost("/import", ImportAsync).WithOperation("importAll", AccessScope.Admin, "Take in an export of many sessions; each becomes visible in one instant, or not at all")
            .Audits("tenant_imported", inParts: true)
            .WithDescription(
                "A session that is refused is passed over and named in the answer. A document that is itself broken, as when " +
                "it was cut off, is answered with 422 and a report of what was done before.")
            .WithBytes("The document.", DocumentAnswer.Ndjson)
            .Produces<TenantImportResult>();
        return tenant;
    }

    private static Task ExportAsync(TenantScope scope, DocumentTransfer documents, ILogger<TenantScope> logger)
    {
        var (context, query) = (scope.Context, scope.Query());
        var pieces = documents.ExportAsync(
            scope.Tenant, query.String("prefix") ?? "", query.Boolean("skipDamaged") ?? false, scope.Aborted);
        return DocumentAnswer.SendAsync(
            context, DocumentEncoding.Wanted(context.Request, query), pieces,
            exception => logger.LogWarning(exception, "The export of all sessions broke off."));
    }

    private static async Task<IResult> ImportAsync(TenantScope scope, DocumentTransfer documents)
    {
        RequestBody.Unlimit(scope.Context);
        var result = await documents.ImportAsync(scope.Tenant, scope.Context.Request.Body, scope.Aborted);
        if (result.Problem is not { } problem)
        {
            return TypedResults.Ok(result);
        }

        if (result.Imported > 0)
        {
            AuditRoutes.NotePart(scope.Context);
        }

        var refusal = Problem.From(new ImportRejectedException(problem.Line, problem.Problem), changes: true)!;
        return ProblemAnswers.Result(refusal with { Extensions = [.. refusal.Extensions, ("report", result)] });
    }
}
