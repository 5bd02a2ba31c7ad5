using System.Net.Mime;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Operations;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Forge.Silo.Checkpoints;

/// <summary>The routes that create checkpoints.</summary>
internal static class CreateRoutes
{
    private const string ContentType = "contentType";
    private const string IfDifference = "Stands here if the body is the bytes between.";

    private static readonly TakesLines Lines = new("checkpoints", limits => limits.Batch);

    public static RouteGroupBuilder MapCreates(this RouteGroupBuilder session)
    {
        session.MapPost("/checkpoints", CreateAsync)
            .WithOperation("createCheckpoint", AccessScope.Write, "Create a checkpoint")
            .WithDescription(
                "JSON holds everything. With " + StateDifference.MediaType + " the body is the bytes that a state has between what it has in " +
                "common with that of a checkpoint, and with any other content type the state itself, kept with that content type; then " +
                "the rest stands in the query. Answers 201, 200 if an earlier request with the same id or key had " +
                "created it, and 200 with taken = false if an automatic checkpoint was not due.")
            .WithBody(NewCheckpointDraft.Shape, "The checkpoint.")
            .WithBytes("Or the state itself.", MediaTypeNames.Application.Octet)
            .WithBytes("Or the bytes between.", StateDifference.MediaType)
            .WithQuery(NewCheckpointDraft.Shape, "Stands here if the body is the state, or the bytes between.")
            .WithQuery(StateDifferenceDraft.Shape, IfDifference)
            .WithQuery(new QueryParameter(
                ContentType, $"The media type of the state; that of plain bytes if nothing is said. {IfDifference}", JsonSchemaType.String, InPlaceOfBody: true))
            .WithIdempotencyKey()
            .WithEpoch();
        session.MapPost("/checkpoints/batch", CreateBatchAsync)
            .WithOperation("createCheckpoints", AccessScope.Write, "Create up to 1,000 checkpoints in one step: all or none")
            .WithLines(Lines, NewCheckpointDraft.Line, "One create in JSON on each line.")
            .WithIdempotencyKey()
            .WithEpoch();
        return session;
    }

    private static async Task<Results<Created<CheckpointAnswer>, Ok<CheckpointAnswer>, Ok<NotTakenAnswer>>> CreateAsync(
        SessionScope scope, BodyLimits limits, TimeProvider time)
    {
        var key = RequestIds.KeyOf(scope.Context.Request);
        var draft = IsJson(scope.Context.Request) ? await ReadJsonAsync(scope) : await ReadBytesAsync(scope, limits);
        var (identified, ours) = Identify(draft.ToCheckpoint() with { IdempotencyKey = key, Epoch = scope.Epoch, Anchor = scope.Anchor }, time);
        var difference = draft.Difference?.ToDifference();
        var result = await scope.CallAsync((grain, first) =>
        {
            var attempt = identified with { FirstAttempt = ours && first };
            return difference is null
                ? grain.CreateAsync(attempt, scope.Aborted)
                : grain.CreateByDifferenceAsync(attempt, difference, scope.Aborted);
        });
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
        var (key, epoch, anchor) = (RequestIds.KeyOf(scope.Context.Request), scope.Epoch, scope.Anchor);
        var lines = await ReadLinesAsync(scope.Context, limits);
        var checkpoints = lines
            .Select((line, index) => Identify(
                scope.Address, key, index, lines.Count, ReadLine(line, $"checkpoints[{index}].") with { Epoch = epoch, Anchor = index == 0 ? anchor : null }, time))
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

    private static Task<NewCheckpointDraft> ReadJsonAsync(SessionScope scope)
    {
        scope.Query().RefuseAll();
        return scope.ReadAsync(new NewCheckpointDraft());
    }

    private static NewCheckpoint ReadLine(ReadOnlyMemory<byte> line, string path) =>
        NewCheckpointDraft.Line.Read(line, new NewCheckpointDraft(), path).ToCheckpoint(path);

    private static async Task<NewCheckpointDraft> ReadBytesAsync(SessionScope scope, BodyLimits limits)
    {
        var (request, query) = (scope.Context.Request, scope.Query());
        var draft = NewCheckpointDraft.Shape.Read(
            query, new NewCheckpointDraft(), "must be given in the query, or in a body with the content type application/json");
        if (StateDifferenceDraft.IsBodyOf(request))
        {
            var difference = StateDifferenceDraft.Shape.Read(query, new StateDifferenceDraft(), "must be given in the query");
            return draft with
            {
                Difference = difference with { Between = await RequestBody.ReadAsync(scope.Context, "state", limits.State) },
                ContentType = query.String(ContentType),
            };
        }

        RefuseDifference(query);
        return draft with
        {
            State = await RequestBody.ReadAsync(scope.Context, "state", limits.State),
            ContentType = request.ContentType ?? MediaTypeNames.Application.Octet,
        };
    }

    /// <summary>Refuses what says how a state differs beside one that is whole.</summary>
    private static void RefuseDifference(QueryReader query)
    {
        if (StateDifferenceDraft.Shape.Parameters().Select(parameter => parameter.Name).Append(ContentType).FirstOrDefault(query.Has) is { } name)
        {
            throw new InvalidRequestException(name, $"must not be given in the query but with the content type {StateDifference.MediaType}");
        }
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
