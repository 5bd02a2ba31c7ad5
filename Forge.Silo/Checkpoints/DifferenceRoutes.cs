using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Forge.Silo.Checkpoints;

/// <summary>The route of differences.</summary>
internal static class DifferenceRoutes
{
    public static RouteGroupBuilder MapDifferences(this RouteGroupBuilder session)
    {
        session.MapGet("/diff", DiffAsync)
            .WithOperation<DiffCheckpoints>("What makes the state of one checkpoint of another's, as a JSON Patch with a summary")
            .WithQuery("from", "The checkpoint that the patch is applied to, by id, sequence number, or as latest or current.", required: true)
            .WithQuery("to", "The checkpoint whose state it makes; the latest if nothing is said.")
            .WithQuery("branch", "The branch whose latest or current checkpoints are meant; main if nothing is said.")
            .WithQuery("session", "The session of the second, if it is another one.");
        return session;
    }

    private static async Task<Ok<DifferenceAnswer>> DiffAsync(SessionScope scope)
    {
        var query = scope.Query();
        var operation = new DiffCheckpoints(
            scope.Named("from", query.String("from") ?? throw new InvalidRequestException("from", "must be given")),
            scope.Named("to", query.String("to") ?? "latest"),
            query.String("session") is { } session ? SessionId.Parse(session) : null);
        await scope.ConfirmAsync();
        return TypedResults.Ok(DifferenceAnswer.Of(await scope.Differences.DiffAsync(operation, scope.Aborted)));
    }
}
