using System.Net.Mime;
using Forge.Client.Portability;
using Forge.Portability;
using Forge.Sessions;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Forge.Silo.Portability;

/// <summary>The routes that carry whole sessions in and out, streamed both ways.</summary>
internal static class PortabilityRoutes
{
    private const string Ndjson = DocumentAnswer.Ndjson;
    private const int ImportPiece = 256 * 1024;

    // An export arrives in pieces of up to 256 KiB; this many cross from the grain at once.
    private const int ExportPieces = 4;

    public static RouteGroupBuilder MapPortability(this RouteGroupBuilder session)
    {
        session.MapGet("/export", ExportAsync).WithName("exportSession")
            .WithSummary("The session as one NDJSON document, as it was at one instant")
            .WithDescription("An export that breaks off is an aborted connection, and the document lacks its end.")
            .WithQuery("compress", "none, gzip or zstd; by Accept-Encoding where nothing is said.")
            .Produces<Stream>(StatusCodes.Status200OK, Ndjson);
        session.MapPost("/import", ImportAsync).WithName("importSession")
            .WithSummary("Take in an exported document; it becomes visible in one instant, or not at all")
            .WithDescription(
                "The document is one that an export gave, or the export document of the earlier single-process tool; which one " +
                "shows by its first property. It may come compressed, as Content-Encoding says: gzip or zstd.")
            .WithBody<Stream>("The document.", Ndjson)
            .WithBody<Stream>("Or that of the earlier tool.", MediaTypeNames.Application.Json);
        return session;
    }

    private static Task ExportAsync(
        string session, HttpContext context, SessionCalls sessions, ILogger<SessionCalls> logger)
    {
        var query = new QueryReader(context.Request, "compress");
        var pieces = sessions.Grain(SessionCalls.AddressOf(session)).ExportAsync(context.RequestAborted)
            .WithBatchSize(ExportPieces).Select(piece => (ReadOnlyMemory<byte>)piece);
        return DocumentAnswer.SendAsync(
            context, DocumentEncoding.Wanted(context.Request, query), pieces,
            exception => logger.LogWarning(exception, "The export of session {Session} broke off.", session));
    }

    private static async Task<Ok<ImportAnswer>> ImportAsync(
        string session, HttpContext context, SessionCalls sessions, ILogger<SessionCalls> logger)
    {
        _ = new QueryReader(context.Request);
        RequestBody.Unlimit(context);
        var address = SessionCalls.AddressOf(session);
        await using var document = DocumentEncoding.Body(context.Request);
        var ticket = await sessions.CallAsync(address, grain => grain.BeginImportAsync(context.RequestAborted));
        var target = sessions.Grain(address);
        try
        {
            await SendAsync(document, target, ticket, context.RequestAborted);
            return TypedResults.Ok(ImportAnswer.Of(await target.CompleteImportAsync(ticket, context.RequestAborted)));
        }
        catch (Exception)
        {
            await AbandonAsync(session, target, ticket, logger);
            throw;
        }
    }

    private static async Task AbandonAsync(
        string session, ISessionGrain target, ImportTicket ticket, ILogger<SessionCalls> logger)
    {
        try
        {
            await target.AbandonImportAsync(ticket);
        }
        catch (Exception exception)
        {
            // The caller is told what broke the import; what was staged is removed as abandoned later.
            logger.LogWarning(exception, "The import into session {Session} could not be abandoned.", session);
        }
    }

    private static async Task SendAsync(
        Stream document, ISessionGrain target, ImportTicket ticket, CancellationToken cancellationToken)
    {
        for (var index = 0; ; index++)
        {
            // A piece is the session's once it is sent, so each has an array of its own.
            var piece = new byte[ImportPiece];
            var length = await CompressedDocument.FillAsync(document, piece, cancellationToken);
            if (length == 0)
            {
                return;
            }

            await target.AppendImportAsync(ticket, index, piece.AsMemory(0, length), cancellationToken);
        }
    }
}
