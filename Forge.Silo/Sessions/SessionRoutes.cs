using Forge.Errors;
using Forge.Sessions;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Forge.Silo.Sessions;

/// <summary>The routes of a session as a whole.</summary>
internal static class SessionRoutes
{
    public static RouteGroupBuilder MapSession(this RouteGroupBuilder session)
    {
        session.MapGet("", GetAsync).WithName("getSession").WithSummary("What the session is now");
        session.MapPut("", SetSettingsAsync).WithName("setSettings")
            .WithSummary("Replace the session's settings, making the session where it does not exist")
            .WithBody<SettingsBody>("The settings.")
            .WithIdempotencyKey();
        session.MapDelete("", DeleteAsync).WithName("deleteSession")
            .WithSummary("Delete the session with all it holds; its name stays taken")
            .WithQuery("erase", "True to be answered once its rows are gone: 204, or 202 while they go; send it again to ask.", JsonSchemaType.Boolean)
            .WithIdempotencyKey();
        session.MapPost("/compact", CompactAsync).WithName("compactSession")
            .WithSummary("Remove the checkpoints that a policy does not keep")
            .WithBody<CompactBody>("What to keep.", required: false)
            .WithIdempotencyKey();
        return session;
    }

    private static async Task<Ok<SessionAnswer>> GetAsync(string session, HttpContext context, SessionCalls sessions)
    {
        var address = SessionCalls.AddressOf(session);
        var info = await sessions.CallAsync(address, grain => grain.GetInfoAsync(context.RequestAborted));
        return TypedResults.Ok(SessionAnswer.Of(info ?? throw new SessionNotFoundException(address)));
    }

    private static async Task<Ok<SessionAnswer>> SetSettingsAsync(
        string session, HttpContext context, SessionCalls sessions, BodyLimits limits)
    {
        var address = SessionCalls.AddressOf(session);
        var change = RequestIds.ChangeOf(context.Request, address);
        var settings = SettingsBody.Parse(await RequestBody.ReadAsync(context, "body", limits.Settings));
        return TypedResults.Ok(SessionAnswer.Of(await sessions.CallAsync(
            address, grain => grain.SetSettingsAsync(settings, change, context.RequestAborted))));
    }

    private static async Task<Results<NoContent, Accepted>> DeleteAsync(
        string session, HttpContext context, SessionCalls sessions)
    {
        var address = SessionCalls.AddressOf(session);
        var erase = new QueryReader(context.Request, "erase").Boolean("erase");
        if (erase is true)
        {
            return await sessions.CallAsync(address, grain => grain.EraseSessionAsync(context.RequestAborted)) switch
            {
                ErasureStatus.Erased => TypedResults.NoContent(),
                ErasureStatus.UnderWay => TypedResults.Accepted((string?)null),
                _ => throw new SessionNotFoundException(address),
            };
        }

        var change = RequestIds.ChangeOf(context.Request, address);
        return await sessions.CallAsync(address, grain => grain.DeleteSessionAsync(change, context.RequestAborted))
            ? TypedResults.NoContent()
            : throw new SessionNotFoundException(address);
    }

    private static async Task<Ok<CompactAnswer>> CompactAsync(
        string session, HttpContext context, SessionCalls sessions, BodyLimits limits)
    {
        var address = SessionCalls.AddressOf(session);
        var change = RequestIds.ChangeOf(context.Request, address);
        var (policy, dryRun) = CompactBody.Parse(await RequestBody.ReadAsync(context, "body", limits.Tags));
        var result = await sessions.CallAsync(
            address, grain => grain.CompactAsync(policy, dryRun, change, context.RequestAborted));
        return TypedResults.Ok(new CompactAnswer(
            result.Deleted, result.Remaining, result.FreedBytes, result.Anchor?.Position, result.Anchor?.Chain));
    }
}
