using System.Net.Mime;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Checkpoints;

/// <summary>The routes that create checkpoints.</summary>
internal static class CreateRoutes
{
    private static readonly TakesLines Lines = new("checkpoints", limits => limits.Batch);

    public static RouteGroupBuilder MapCreates(this RouteGroupBuilder session)
    {
        session.MapPost("/checkpoints", CreateAsync)
            .WithName("createCheckpoint")
            .WithSummary("Create a checkpoint")
            .WithDescription(
                "JSON holds everything. With any other content type the body is the state itself, kept with that content type, " +
                "and the rest stands in the query. Answers 201, 200 if an earlier request with the same id or key had " +
                "created it, and 200 with taken = false if an automatic checkpoint was not due.")
            .WithBody(NewCheckpointDraft.Shape, "The checkpoint.")
            .WithBytes("Or the state itself.", MediaTypeNames.Application.Octet)
            .WithQuery(NewCheckpointDraft.Shape, "Stands here if the body is the state.")
            .WithIdempotencyKey()
            .WithEpoch();
        session.MapPost("/checkpoints/batch", CreateBatchAsync)
            .WithName("createCheckpoints")
            .WithSummary("Create up to 1,000 checkpoints in one step: all or none")
            .WithLines(Lines, NewCheckpointDraft.Shape, "One create in JSON on each line.")
            .WithIdempotencyKey()
            .WithEpoch();
        return session;
    }

    private static async Task<Results<Created<CheckpointAnswer>, Ok<CheckpointAnswer>, Ok<NotTakenAnswer>>> CreateAsync(
        SessionScope scope, BodyLimits limits, TimeProvider time)
    {
        var key = RequestIds.KeyOf(scope.Context.Request);
        var checkpoint = IsJson(scope.Context.Request) ? await ReadJsonAsync(scope) : await ReadStateAsync(scope, limits);
        var (identified, ours) = Identify(checkpoint with { IdempotencyKey = key, Epoch = scope.Epoch }, time);
        var result = await scope.CallAsync((grain, first) =>
            grain.CreateAsync(identified with { FirstAttempt = ours && first }, scope.Aborted));
        if (result.Checkpoint is not { } created)
        {
            return TypedResults.Ok(new NotTakenAnswer(false));
        }

        var answer = CheckpointAnswer.Of(created).With(result.Writes);
        return result.Outcome == CreateOutcome.Created
            ? TypedResults.Created($"/v1/sessions/{Uri.EscapeDataString(scope.Address.Session.Value)}/checkpoints/{created.Id}", answer)
            : TypedResults.Ok(answer);
    }

    private static async Task<JsonHttpResult<BatchAnswer>> CreateBatchAsync(
        SessionScope scope, BodyLimits limits, TimeProvider time)
    {
        var (key, epoch) = (RequestIds.KeyOf(scope.Context.Request), scope.Epoch);
        var lines = await ReadLinesAsync(scope.Context, limits);
        var checkpoints = lines
            .Select((line, index) => Identify(
                scope.Address, key, index, lines.Count, ReadLine(line, $"checkpoints[{index}].") with { Epoch = epoch }, time))
            .ToArray();
        var results = await scope.CallAsync((grain, first) => grain.CreateBatchAsync(
            [.. checkpoints.Select(c => c.Checkpoint with { FirstAttempt = c.Ours && first })], scope.Aborted));
        var answer = new BatchAnswer([.. results.Select(result => new BatchItem(
            result.Outcome != CreateOutcome.NotTaken,
            result.Outcome == CreateOutcome.Repeated,
            result.Checkpoint is { } checkpoint ? CheckpointAnswer.Of(checkpoint).With(result.Writes) : null))]);
        return TypedResults.Json(answer, statusCode: results.Any(result => result.Outcome == CreateOutcome.Created)
            ? StatusCodes.Status201Created
            : StatusCodes.Status200OK);
    }

    private static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);

    private static async Task<NewCheckpoint> ReadJsonAsync(SessionScope scope)
    {
        scope.Query().RefuseAll();
        return (await scope.ReadAsync(new NewCheckpointDraft())).ToCheckpoint();
    }

    private static NewCheckpoint ReadLine(ReadOnlyMemory<byte> line, string path) =>
        NewCheckpointDraft.Shape.Read(line, new NewCheckpointDraft(), path).ToCheckpoint(path);

    private static async Task<NewCheckpoint> ReadStateAsync(SessionScope scope, BodyLimits limits)
    {
        var draft = NewCheckpointDraft.Shape.Read(
            scope.Query(), new NewCheckpointDraft(), "must be given in the query, or in a body with the content type application/json");
        var state = await RequestBody.ReadAsync(scope.Context, "state", limits.State);
        return (draft with { State = state, ContentType = scope.Context.Request.ContentType ?? MediaTypeNames.Application.Octet }).ToCheckpoint();
    }

    // An id of our own was never sent before, which saves the session the look for an earlier create, and lets a refused
    // attempt be made again as the same checkpoint.
    private static (NewCheckpoint Checkpoint, bool Ours) Identify(NewCheckpoint checkpoint, TimeProvider time) =>
        checkpoint.Id.IsEmpty && checkpoint.IdempotencyKey is null
            ? (checkpoint with { Id = CheckpointId.Create(time.GetUtcNow()) }, true)
            : (checkpoint, false);

    // One key stands for the whole batch: each line without an id has one made from the key and its place.
    private static (NewCheckpoint Checkpoint, bool Ours) Identify(
        SessionAddress address, string? key, int index, int count, NewCheckpoint checkpoint, TimeProvider time) =>
        key is not null && checkpoint.Id.IsEmpty
            ? (checkpoint with { Id = RequestIds.LineOf(address, key, index, count) }, false)
            : Identify(checkpoint, time);

    private static async Task<IReadOnlyList<ReadOnlyMemory<byte>>> ReadLinesAsync(HttpContext context, BodyLimits limits)
    {
        if (context.Features.Get<GivenObject>() is { } given)
        {
            given.RequireWithin(limits.Batch);
            return given.Items(Lines.Name, limits.BatchRecords);
        }

        return ReadLines(await RequestBody.ReadAsync(context, "body", limits.Batch), limits.BatchRecords);
    }

    // Counted before any of them is parsed: what a line costs to parse is many times its length.
    private static List<ReadOnlyMemory<byte>> ReadLines(ReadOnlyMemory<byte> body, int limit)
    {
        var count = 0;
        List<ReadOnlyMemory<byte>> lines = [];
        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (line.Span.ContainsAnyExcept(" \t\r"u8) && ++count <= limit)
            {
                lines.Add(line);
            }
        }

        return count <= limit ? lines : throw new OverLimitException("checkpoints", limit, count, "records");
    }
}
