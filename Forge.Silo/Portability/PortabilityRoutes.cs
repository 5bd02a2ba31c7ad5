using System.Net.Mime;
using Forge.Operations;
using Forge.Silo.Http;
using Forge.Silo.Security.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Forge.Silo.Portability;

/// <summary>The routes that carry whole sessions in and out, streamed both ways.</summary>
internal static class PortabilityRoutes
{
    private const string Ndjson = DocumentAnswer.Ndjson;

    public static RouteGroupBuilder MapPortability(this RouteGroupBuilder session)
    {
        session.MapGet("/export", ExportAsync).WithOperation("exportSession", AccessScope.Read, "The session as one NDJSON document, as it was at one instant")
            .WithDescription("An export that breaks off is an aborted connection, and the document lacks its end.")
            .WithQuery("skipDamaged", "true to leave out checkpoints that are damaged; the header says which.")
            .WithQuery("compress", "none, gzip or zstd; by Accept-Encoding if nothing is said.")
            .Produces<Stream>(StatusCodes.Status200OK, Ndjson);
        session.MapPost("/import", ImportAsync).WithOperation("importSession", AccessScope.Write, "Take in an exported document; it becomes visible in one instant, or not at all")
            .Audits("session_imported")
            .WithDescription(
                "The document is one that an export gave, or the export document of the earlier single-process tool; which one " +
                "shows by its first property. It may come compressed, as Content-Encoding says.")
            .WithBytes("The document.", Ndjson)
            .WithBytes("Or that of the earlier tool.", MediaTypeNames.Application.Json)
            .WithEpoch();
        return session;
    }

    private static async Task ExportAsync(
        SessionScope scope, DocumentTransfer documents, ILogger<SessionScope> logger)
    {
        var query = scope.Query();
        await scope.ConfirmAsync();
        var pieces = documents.ExportAsync(scope.Address, query.Boolean("skipDamaged") ?? false, scope.Aborted)
            .Select(piece => (ReadOnlyMemory<byte>)piece);
        await DocumentAnswer.SendAsync(
            scope.Context, DocumentEncoding.Wanted(scope.Context.Request, query), pieces,
            exception => logger.LogWarning(exception, "The export of session {Session} broke off.", scope.Address));
    }

    private static async Task<Ok<ImportAnswer>> ImportAsync(
        SessionScope scope, DocumentTransfer documents)
    {
        await scope.ConfirmAsync();
        RequestBody.Unlimit(scope.Context);
        return TypedResults.Ok(ImportAnswer.Of(
            await documents.ImportAsync(scope.Address, scope.Epoch, scope.Context.Request.Body, scope.Aborted)));
    }
}
