using Forge.Checkpoints;
using Forge.Errors;
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
            .WithName("listCheckpoints")
            .WithSummary("List checkpoints, without their states")
            .WithQuery("tag", "Only those with this tag.")
            .WithQuery("trigger", "Only those with this trigger.")
            .WithQuery("before", "Only sequences below this one.", JsonSchemaType.Integer)
            .WithQuery("after", "Only sequences above this one.", JsonSchemaType.Integer)
            .WithQuery("from", "Only those created at this time or later.")
            .WithQuery("to", "Only those created at this time or earlier.")
            .WithQuery("limit", "1 to 1,000; 100 where nothing is said.", JsonSchemaType.Integer)
            .WithQuery("order", "newest (the default) or oldest first.")
            .WithQuery("cursor", "The next of the page before, with the same conditions.");
        session.MapGet("/at", AtAsync)
            .WithName("checkpointAt")
            .WithSummary("The newest checkpoint at a time, without its state")
            .WithQuery("time", "The time, with its offset.");

        var checkpoint = session.MapGroup("/checkpoints/{checkpoint}");
        checkpoint.MapGet("", GetAsync).WithName("getCheckpoint")
            .WithSummary("A checkpoint with its state, by id, sequence number or as latest");
        checkpoint.MapGet("/state", GetStateAsync).WithName("getState")
            .WithSummary("The saved bytes themselves, with their content type; the ETag is their SHA-256")
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream")
            .Produces(StatusCodes.Status304NotModified);
        checkpoint.MapPost("/restore", RestoreAsync).WithName("restoreCheckpoint")
            .WithSummary("Make a checkpoint current and answer it with its state")
            .WithIdempotencyKey();
        checkpoint.MapPost("/annotations", AnnotateAsync).WithName("annotateCheckpoint")
            .WithSummary("Attach a note")
            .WithBody<AnnotationBody>("The note.")
            .WithIdempotencyKey();
        checkpoint.MapPut("/tags", SetTagsAsync).WithName("setTags")
            .WithSummary("Replace the tags")
            .WithBody<TagsBody>("The tags.")
            .WithIdempotencyKey();
        checkpoint.MapDelete("", DeleteAsync).WithName("deleteCheckpoint")
            .WithSummary("Delete a checkpoint; its sequence is not given out again")
            .WithIdempotencyKey();
        return session;
    }

    private static async Task<Ok<PageAnswer>> ListAsync(string session, HttpContext context, SessionCalls sessions)
    {
        var query = new QueryReader(
            context.Request, "tag", "trigger", "before", "after", "from", "to", "limit", "order", "cursor");
        var wanted = new CheckpointQuery
        {
            Tag = query.String("tag"),
            Trigger = query.String("trigger") is { } trigger ? CheckpointTriggerNames.Parse(trigger) : null,
            Before = query.Integer("before"),
            After = query.Integer("after"),
            From = query.Time("from"),
            To = query.Time("to"),
            Limit = (int)Math.Clamp(query.Integer("limit") ?? DefaultLimit, int.MinValue, int.MaxValue),
            Order = query.String("order") switch
            {
                null or "newest" => ListOrder.NewestFirst,
                "oldest" => ListOrder.OldestFirst,
                _ => throw new InvalidRequestException("order", "must be newest or oldest"),
            },
            Cursor = query.String("cursor"),
        };
        var page = await sessions.CallAsync(
            SessionCalls.AddressOf(session), grain => grain.ListAsync(wanted, context.RequestAborted));
        return TypedResults.Ok(new PageAnswer([.. page.Items.Select(CheckpointAnswer.Of)], page.Next));
    }

    private static async Task<Ok<CheckpointAnswer>> AtAsync(string session, HttpContext context, SessionCalls sessions)
    {
        var time = new QueryReader(context.Request, "time").Time("time")
            ?? throw new InvalidRequestException("time", "must be given");
        var address = SessionCalls.AddressOf(session);
        var page = await sessions.CallAsync(address, grain => grain.ListAsync(
            new CheckpointQuery { To = time, Limit = 1 }, context.RequestAborted));
        return page.Items is [var summary]
            ? TypedResults.Ok(CheckpointAnswer.Of(summary))
            : throw new CheckpointNotFoundException(address, $"at {time:O}");
    }

    private static async Task<Ok<CheckpointAnswer>> GetAsync(
        string session, string checkpoint, HttpContext context, SessionCalls sessions) =>
        TypedResults.Ok(CheckpointAnswer.Of(await ReadAsync(session, checkpoint, context, sessions)));

    private static async Task<Results<FileContentHttpResult, StatusCodeHttpResult>> GetStateAsync(
        string session, string checkpoint, HttpContext context, SessionCalls sessions)
    {
        var known = context.Request.GetTypedHeaders().IfNoneMatch;
        if (known.Count > 0)
        {
            // A caller that has the state already is spared it, and so is the database.
            var address = SessionCalls.AddressOf(session);
            var reference = CheckpointReference.Parse(checkpoint);
            var summary = await sessions.CallAsync(address, grain => grain.GetSummaryAsync(reference, context.RequestAborted))
                ?? throw new CheckpointNotFoundException(address, checkpoint);
            var tag = TagOf(summary);
            if (known.Any(item => item.Equals(EntityTagHeaderValue.Any) || item.Compare(tag, useStrongComparison: false)))
            {
                context.Response.GetTypedHeaders().ETag = tag;
                return TypedResults.StatusCode(StatusCodes.Status304NotModified);
            }
        }

        var whole = await ReadAsync(session, checkpoint, context, sessions);

        // Whatever was saved must not run in a browser as a page of this origin.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return TypedResults.Bytes(whole.State, whole.Summary.ContentType, entityTag: TagOf(whole.Summary));
    }

    private static async Task<Ok<RestoreAnswer>> RestoreAsync(
        string session, string checkpoint, HttpContext context, SessionCalls sessions)
    {
        var address = SessionCalls.AddressOf(session);
        var reference = CheckpointReference.Parse(checkpoint);
        var change = RequestIds.ChangeOf(context.Request, address);
        var result = await sessions.CallAsync(address, grain => grain.RestoreAsync(reference, change, context.RequestAborted));
        return TypedResults.Ok(new RestoreAnswer(
            CheckpointAnswer.Of(result.Checkpoint), PointerAnswer.Of(result.Undo), result.Anchor?.Position, result.Anchor?.Chain));
    }

    private static async Task<JsonHttpResult<AnnotationAnswer>> AnnotateAsync(
        string session, string checkpoint, HttpContext context, SessionCalls sessions, BodyLimits limits)
    {
        var address = SessionCalls.AddressOf(session);
        var reference = CheckpointReference.Parse(checkpoint);
        var change = RequestIds.ChangeOf(context.Request, address);
        var (severity, text) = AnnotationBody.Parse(await RequestBody.ReadAsync(context, "body", limits.Annotation));
        var annotation = await sessions.CallAsync(
            address, grain => grain.AnnotateAsync(reference, severity, text, change, context.RequestAborted));
        return TypedResults.Json(AnnotationAnswer.Of(annotation), statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Ok<CheckpointAnswer>> SetTagsAsync(
        string session, string checkpoint, HttpContext context, SessionCalls sessions, BodyLimits limits)
    {
        var address = SessionCalls.AddressOf(session);
        var reference = CheckpointReference.Parse(checkpoint);
        var change = RequestIds.ChangeOf(context.Request, address);
        var tags = TagsBody.Parse(await RequestBody.ReadAsync(context, "body", limits.Tags));
        return TypedResults.Ok(CheckpointAnswer.Of(await sessions.CallAsync(
            address, grain => grain.SetTagsAsync(reference, tags, change, context.RequestAborted))));
    }

    private static async Task<NoContent> DeleteAsync(
        string session, string checkpoint, HttpContext context, SessionCalls sessions)
    {
        var address = SessionCalls.AddressOf(session);
        var reference = CheckpointReference.Parse(checkpoint);
        var change = RequestIds.ChangeOf(context.Request, address);
        return await sessions.CallAsync(address, grain => grain.DeleteAsync(reference, change, context.RequestAborted))
            ? TypedResults.NoContent()
            : throw new CheckpointNotFoundException(address, checkpoint);
    }

    private static async Task<Checkpoint> ReadAsync(
        string session, string checkpoint, HttpContext context, SessionCalls sessions)
    {
        var address = SessionCalls.AddressOf(session);
        var reference = CheckpointReference.Parse(checkpoint);
        return await sessions.CallAsync(address, grain => grain.GetAsync(reference, context.RequestAborted))
            ?? throw new CheckpointNotFoundException(address, checkpoint);
    }

    private static EntityTagHeaderValue TagOf(CheckpointSummary summary) => new($"\"{summary.Checksum}\"");
}
