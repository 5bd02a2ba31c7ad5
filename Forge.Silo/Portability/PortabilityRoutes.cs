using Forge.Portability;
using Forge.Sessions;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Orleans.Runtime;

namespace Forge.Silo.Portability;

/// <summary>The routes that carry whole sessions in and out, streamed both ways.</summary>
internal static class PortabilityRoutes
{
    private const string Ndjson = "application/x-ndjson";
    private const int ImportPiece = 256 * 1024;

    // An export arrives in pieces of up to 256 KiB; this many cross from the grain at once.
    private const int ExportPieces = 4;

    public static RouteGroupBuilder MapPortability(this RouteGroupBuilder session)
    {
        session.MapGet("/export", ExportAsync).WithName("exportSession")
            .WithSummary("The session as one NDJSON document, as it was at one instant")
            .WithDescription("An export that breaks off is an aborted connection, and the document lacks its end.")
            .Produces<Stream>(StatusCodes.Status200OK, Ndjson);
        session.MapPost("/import", ImportAsync).WithName("importSession")
            .WithSummary("Take in an exported document; it becomes visible in one instant, or not at all")
            .WithBody<Stream>("The document.", Ndjson);
        return session;
    }

    private static async Task ExportAsync(
        string session, HttpContext context, SessionCalls sessions, ILogger<SessionCalls> logger)
    {
        _ = new QueryReader(context.Request);
        var grain = sessions.Grain(SessionCalls.AddressOf(session));
        await using var pieces = grain.ExportAsync(context.RequestAborted).WithBatchSize(ExportPieces)
            .GetAsyncEnumerator(context.RequestAborted);

        // What fails before the first piece is still answered as a problem.
        var more = await pieces.MoveNextAsync();
        context.Response.ContentType = Ndjson;
        try
        {
            while (more)
            {
                await context.Response.Body.WriteAsync(pieces.Current, context.RequestAborted);
                more = await pieces.MoveNextAsync();
            }

            await context.Response.CompleteAsync();
        }
        catch (Exception exception)
        {
            // The status has gone out: only a connection that breaks off says that the document is not whole.
            if (!context.RequestAborted.IsCancellationRequested)
            {
                logger.LogWarning(exception, "The export of session {Session} broke off.", session);
            }

            context.Abort();
        }
    }

    private static async Task<Ok<ImportResult>> ImportAsync(
        string session, HttpContext context, SessionCalls sessions, ILogger<SessionCalls> logger)
    {
        _ = new QueryReader(context.Request);
        RequestBody.Unlimit(context);
        var address = SessionCalls.AddressOf(session);
        var ticket = await sessions.CallAsync(address, grain => grain.BeginImportAsync(context.RequestAborted));
        var target = sessions.Grain(address);
        try
        {
            await SendAsync(context, target, ticket);
            return TypedResults.Ok(await target.CompleteImportAsync(ticket, context.RequestAborted));
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

    private static async Task SendAsync(HttpContext context, ISessionGrain target, ImportTicket ticket)
    {
        for (var index = 0; ; index++)
        {
            // A piece is the session's once it is sent, so each has an array of its own.
            var piece = new byte[ImportPiece];
            var length = await context.Request.Body.ReadAtLeastAsync(
                piece, piece.Length, throwOnEndOfStream: false, context.RequestAborted);
            if (length == 0)
            {
                return;
            }

            await target.AppendImportAsync(ticket, index, piece.AsMemory(0, length), context.RequestAborted);
        }
    }
}
