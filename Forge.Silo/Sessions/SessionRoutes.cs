using Forge.Errors;
using Forge.Integrity;
using Forge.Sessions;
using Forge.Silo.Http;
using Forge.Silo.Security.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Forge.Silo.Sessions;

/// <summary>The routes of a session as a whole.</summary>
internal static class SessionRoutes
{
    public static RouteGroupBuilder MapSession(this RouteGroupBuilder session)
    {
        session.MapGet("", async (SessionScope scope) => TypedResults.Ok(SessionAnswer.Of(
                await scope.RunAsync(new GetSession()) ?? throw new SessionNotFoundException(scope.Address))))
            .WithOperation<GetSession>("What the session is now");
        session.MapPut("", async (SessionScope scope) => TypedResults.Ok(SessionAnswer.Of(
                await scope.RunAsync(new SetSettings(await scope.ReadAsync(new SessionSettings()))))))
            .WithOperation<SetSettings>("Replace the session's settings, making the session if it does not exist")
            .WithBody(SessionShapes.Settings, "The settings.");
        session.MapDelete("", DeleteAsync)
            .WithOperation<DeleteSession>("Delete the session with all it holds; its name stays taken until it is revived")
            .Audits("session_deleted")
            .WithQuery("erase", "True to be answered once its rows are gone: 204, or 202 while they go; send it again to ask.", JsonSchemaType.Boolean);
        session.MapPost("/compact", async (SessionScope scope) => TypedResults.Ok(CompactAnswer.Of(
                await scope.RunAsync(await scope.ReadAsync(new CompactSession(null))))))
            .WithOperation<CompactSession>("Remove the checkpoints that a policy does not keep")
            .WithBody(SessionShapes.Compact, "What to keep.");
        session.MapPost("/clear", async (SessionScope scope) => TypedResults.Ok(ClearAnswer.Of(await scope.RunAsync(new ClearSession()))))
            .WithOperation<ClearSession>("Remove all checkpoints; the name, the settings and the claim stay, and numbers go on")
            .Audits("session_cleared");
        session.MapPost("/revive", async (SessionScope scope) => TypedResults.Ok(ReviveAnswer.Of(await scope.RunAsync(new ReviveSession()))))
            .WithOperation<ReviveSession>("Let the deleted session live again, empty; numbers go on");
        return session;
    }

    private static async Task<Results<NoContent, Accepted>> DeleteAsync(SessionScope scope)
    {
        if (scope.Query().Boolean("erase") is true)
        {
            return await scope.RunAsync(new EraseSession { Epoch = scope.Epoch, Deletion = scope.Request }) switch
            {
                ErasureStatus.Erased => TypedResults.NoContent(),
                ErasureStatus.UnderWay => TypedResults.Accepted((string?)null),
                _ => throw new SessionNotFoundException(scope.Address),
            };
        }

        return await scope.RunAsync(new DeleteSession())
            ? TypedResults.NoContent()
            : throw new SessionNotFoundException(scope.Address);
    }
}

/// <summary>A compaction.</summary>
/// <param name="Deleted">How many checkpoints went; of a dry run: would go.</param>
/// <param name="Remaining">How many stay.</param>
/// <param name="FreedBytes">The stored bytes of the states that went.</param>
/// <param name="Position">The position of the compaction in the session's log; null if nothing was changed.</param>
/// <param name="Chain">The chain value of that position in hexadecimal; null if nothing was changed.</param>
internal sealed record CompactAnswer(long Deleted, long Remaining, long FreedBytes, long? Position, string? Chain)
{
    public static CompactAnswer Of(CompactResult result) => new(
        result.Deleted, result.Remaining, result.FreedBytes, result.Anchor?.Position, result.Anchor?.Chain);
}

/// <summary>A clear.</summary>
/// <param name="Deleted">How many checkpoints went.</param>
/// <param name="Position">The position of it in the session's log; null if nothing was changed.</param>
/// <param name="Chain">The chain value of that position in hexadecimal; null if nothing was changed.</param>
internal sealed record ClearAnswer(long Deleted, long? Position, string? Chain)
{
    public static ClearAnswer Of(ClearResult result) => new(result.Deleted, result.Anchor?.Position, result.Anchor?.Chain);
}

/// <summary>A revival.</summary>
/// <param name="Life">Which life of the session's name begins with it, from 2.</param>
/// <param name="LastSequence">The greatest sequence that was given before.</param>
/// <param name="Position">The position of it in the session's log.</param>
/// <param name="Chain">The chain value of that position in hexadecimal.</param>
internal sealed record ReviveAnswer(int Life, long LastSequence, long Position, string Chain)
{
    public static ReviveAnswer Of(ReviveResult result) =>
        new(result.Life, result.LastSequence, result.Anchor.Position, result.Anchor.Chain);
}
