using Forge.Checkpoints;
using Forge.Errors;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Forge.Silo.Checkpoints;

/// <summary>The routes of the pending writes of a checkpoint.</summary>
internal static class WriteRoutes
{
    private const int DefaultLimit = 100;

    /// <summary>Maps the routes.</summary>
    /// <param name="checkpoint">The routes of one checkpoint.</param>
    public static void MapWrites(this RouteGroupBuilder checkpoint)
    {
        checkpoint.MapPost("/writes", PutAsync)
            .WithOperation<PutWrites>("Put pending writes of a step's tasks under the checkpoint that the step began from: all or none")
            .WithBranch()
            .WithBody(NewWriteDraft.Body, "The writes.");
        checkpoint.MapGet("/writes", ListAsync)
            .WithOperation<ListWrites>("The pending writes of a checkpoint, by task and index")
            .WithBranch()
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said. A page ends sooner for the bytes of its values.", JsonSchemaType.Integer)
            .WithQuery("cursor", "The next of the page before.");
    }

    private static async Task<Ok<WritesAnswer>> PutAsync(SessionScope scope)
    {
        var change = await scope.ReadAsync(new PutWrites(scope.Checkpoint, []));
        return TypedResults.Ok(WritesAnswer.Of(change, await scope.RunAsync(change)));
    }

    private static async Task<Ok<WritePageAnswer>> ListAsync(SessionScope scope)
    {
        var query = scope.Query();
        return await scope.RunAsync(new ListWrites(scope.Checkpoint, query.Limit("limit", DefaultLimit), query.String("cursor"))) is { } page
            ? TypedResults.Ok(WritePageAnswer.Of(page))
            : throw new CheckpointNotFoundException(scope.Address, (string)scope.Context.GetRouteValue("checkpoint")!);
    }
}
