using Forge.Checkpoints;
using Forge.Errors;
using Forge.Operations;
using Forge.Sessions;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Forge.Silo.Checkpoints;

/// <summary>The routes of checkpoints that are there.</summary>
internal static class CheckpointRoutes
{
    private const int DefaultLimit = 100;

    public static RouteGroupBuilder MapCheckpoints(this RouteGroupBuilder session)
    {
        session.MapCreates();
        session.MapGet("/checkpoints", ListAsync)
            .WithOperation<ListCheckpoints>("List checkpoints, without their states unless they are asked for")
            .WithQuery("tag", "Only those with this tag.")
            .WithQuery("trigger", "Only those with this trigger.")
            .WithQuery("branch", "Only those of this branch; those of all if nothing is said.")
            .WithQuery("before", "Only sequences below this one.", JsonSchemaType.Integer)
            .WithQuery("after", "Only sequences above this one.", JsonSchemaType.Integer)
            .WithQuery("from", "Only those created at this time or later.")
            .WithQuery("to", "Only those created at this time or earlier.")
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("order", "newest (the default) or oldest first.")
            .WithQuery("include", "state: with the states, of as many as fit.")
            .WithQuery("cursor", "The next of the page before, with the same conditions.");
        session.MapGet("/at", AtAsync)
            .WithOperation<GetCheckpointAt>("The newest checkpoint of a branch at a time, without its state")
            .WithQuery("time", "The time, with its offset.", required: true)
            .WithQuery("branch", "The branch; main if nothing is said.");

        var checkpoint = session.MapGroup("/checkpoints/{checkpoint}");
        checkpoint.MapGet("", async (SessionScope scope) => TypedResults.Ok(CheckpointAnswer.Of(await ReadAsync(scope))))
            .WithOperation<GetCheckpoint>("A checkpoint with its state, by id, sequence number, or as latest or current")
            .WithBranch()
            .WithHave();
        checkpoint.MapGet("/ancestors", async (SessionScope scope) =>
            {
                var query = scope.Query();
                return TypedResults.Ok(PageAnswer.Of(await scope.RunAsync(
                    new ListAncestors(scope.Checkpoint, query.Limit("limit", DefaultLimit), query.String("cursor")))));
            })
            .WithOperation<ListAncestors>("The ancestors of a checkpoint that are there, without their states, the nearest first")
            .WithBranch()
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("cursor", "The next of the page before.");
        checkpoint.MapGet("/state", GetStateAsync).WithOperation("getState", AccessScope.Read, "The saved bytes themselves, with their content type; the ETag is their SHA-256")
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream", StateDifference.MediaType)
            .Produces(StatusCodes.Status304NotModified)
            .WithBranch()
            .WithHave();
        checkpoint.MapPost("/restore", RestoreAsync)
            .WithOperation<RestoreCheckpoint>("Make a checkpoint the current one of a branch and answer it with its state")
            .WithBranch()
            .WithBody(CheckpointShapes.Restore, "What else there is to say.");
        checkpoint.MapPost("/annotations", async (SessionScope scope) => TypedResults.Json(
                AnnotationAnswer.Of(await scope.RunAsync(
                    await scope.ReadAsync(new AnnotateCheckpoint(scope.Checkpoint, AnnotationSeverity.Info, "")))),
                statusCode: StatusCodes.Status201Created))
            .WithOperation<AnnotateCheckpoint>("Attach a note")
            .WithBranch()
            .WithBody(CheckpointShapes.Annotation, "The note.");
        checkpoint.MapPut("/tags", async (SessionScope scope) => TypedResults.Ok(CheckpointAnswer.Of(
                await scope.RunAsync(await scope.ReadAsync(new SetTags(scope.Checkpoint, []))))))
            .WithOperation<SetTags>("Replace the tags")
            .WithBranch()
            .WithBody(CheckpointShapes.Tags, "The tags.");
        checkpoint.MapWrites();
        checkpoint.MapDelete("", async (SessionScope scope) => await scope.RunAsync(new DeleteCheckpoint(scope.Checkpoint))
                ? TypedResults.NoContent()
                : throw NotFound(scope))
            .WithOperation<DeleteCheckpoint>("Delete a checkpoint; its sequence is not given out again")
            .WithBranch();
        return session;
    }

    internal static RouteHandlerBuilder WithBranch(this RouteHandlerBuilder route) =>
        route.WithQuery("branch", "The branch whose latest or current checkpoint is meant; main if nothing is said.");

    private static RouteHandlerBuilder WithHave(this RouteHandlerBuilder route) => route.WithQuery(
        "have",
        "A checkpoint whose state the caller has, by id or sequence number: the state may come as the difference from that one, if it spares half of it.");

    private static async Task<Ok<PageAnswer>> ListAsync(SessionScope scope)
    {
        var query = scope.Query();
        var page = await scope.RunAsync(new ListCheckpoints(new CheckpointQuery
        {
            Tag = query.String("tag"),
            Trigger = query.Trigger("trigger"),
            Branch = query.String("branch"),
            Before = query.Integer("before"),
            After = query.Integer("after"),
            From = query.Time("from"),
            To = query.Time("to"),
            Limit = query.Limit("limit", DefaultLimit),
            Order = query.Order("order"),
            Cursor = query.String("cursor"),
            IncludeStates = query.IncludesStates("include"),
        }));
        return TypedResults.Ok(PageAnswer.Of(page));
    }

    private static async Task<Ok<CheckpointAnswer>> AtAsync(SessionScope scope)
    {
        var query = scope.Query();
        var time = query.Time("time") ?? throw new InvalidRequestException("time", "must be given");
        return await scope.RunAsync(new GetCheckpointAt(time, query.String("branch"))) is { } summary
            ? TypedResults.Ok(CheckpointAnswer.Of(summary))
            : throw new CheckpointNotFoundException(scope.Address, $"at {time:O}");
    }

    private static async Task<Results<FileContentHttpResult, StatusCodeHttpResult>> GetStateAsync(SessionScope scope)
    {
        var (request, response) = (scope.Context.Request, scope.Context.Response);
        var have = Have(scope);
        var known = request.GetTypedHeaders().IfNoneMatch;
        if (known.Count > 0)
        {
            // A caller that has the state already is spared it, and so is the database.
            var tag = TagOf(await scope.RunAsync(new GetSummary(scope.Checkpoint)) ?? throw NotFound(scope));
            if (known.Any(item => item.Equals(EntityTagHeaderValue.Any) || item.Compare(tag, useStrongComparison: false)))
            {
                response.GetTypedHeaders().ETag = have is null ? tag : Weak(tag);
                return TypedResults.StatusCode(StatusCodes.Status304NotModified);
            }
        }

        var read = await ReadAsync(scope);

        // Whatever was saved must not run in a browser as a page of this origin.
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        if (read.Difference is { } difference)
        {
            return TypedResults.Bytes(
                read.State, StateDifferenceAnswer.Of(difference, read.State).ToMediaType(read.Summary.ContentType),
                entityTag: Weak(TagOf(read.Summary)));
        }

        return TypedResults.Bytes(read.State, read.Summary.ContentType, entityTag: TagOf(read.Summary));
    }

    private static async Task<Checkpoint> ReadAsync(SessionScope scope) =>
        await scope.RunAsync(new GetCheckpoint(scope.Checkpoint) { Have = Have(scope) }) ?? throw NotFound(scope);

    private static CheckpointReference? Have(SessionScope scope) => StateDifferenceDraft.ParseNamed("have", scope.Query().String("have"));

    private static CheckpointNotFoundException NotFound(SessionScope scope) =>
        new(scope.Address, (string)scope.Context.GetRouteValue("checkpoint")!);

    /// <summary>The tag of what may not be the very bytes that it is of.</summary>
    private static EntityTagHeaderValue Weak(EntityTagHeaderValue tag) => new(tag.Tag, isWeak: true);

    private static EntityTagHeaderValue TagOf(CheckpointSummary summary) => new($"\"{summary.Checksum}\"");

    private static async Task<Ok<RestoreAnswer>> RestoreAsync(SessionScope scope)
    {
        var operation = await scope.ReadAsync(new RestoreCheckpoint(scope.Checkpoint));
        var result = await scope.RunAsync(operation);
        var answer = RestoreAnswer.Of(result);
        return TypedResults.Ok(operation.DryRun && result is { Undo: { } from, Checkpoint.Summary: var to }
            ? answer with
            {
                Difference = ShortDifferenceAnswer.Of(
                    await scope.Differences.DiffAsync(new DiffCheckpoints(from.Sequence, to.Sequence), scope.Aborted)),
            }
            : answer);
    }
}
