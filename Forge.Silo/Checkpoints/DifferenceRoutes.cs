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
            .WithQuery("session", "The session of the second, if it is another one.");
        return session;
    }

    private static async Task<Ok<DifferenceAnswer>> DiffAsync(SessionScope scope)
    {
        var query = scope.Query();
        var operation = new DiffCheckpoints(
            Checkpoint("from", query.String("from") ?? throw new InvalidRequestException("from", "must be given")),
            query.String("to") is { } to ? Checkpoint("to", to) : CheckpointReference.Latest,
            query.String("session") is { } session ? SessionId.Parse(session) : null);
        return TypedResults.Ok(DifferenceAnswer.Of(await scope.Differences.DiffAsync(operation, scope.Aborted)));
    }

    private static CheckpointReference Checkpoint(string field, string value)
    {
        try
        {
            return CheckpointReference.Parse(value);
        }
        catch (InvalidRequestException exception)
        {
            throw new InvalidRequestException(field, "must be an id, a sequence number, 'latest' or 'current'", exception);
        }
    }
}
