using Forge.Errors;
using Forge.Events;
using Forge.Feeds;
using Forge.Operations;
using Forge.Silo.Draining;
using Forge.Silo.Http;
using Forge.Silo.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Forge.Silo.Events;

/// <summary>The route of a tenant's feed.</summary>
internal static class FeedRoutes
{
    private const int DefaultLimit = 100;

    public static RouteGroupBuilder MapFeed(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("/feed", GetAsync).WithOperation("readFeed", AccessScope.Read, "The events of all sessions after a cursor: a page, or with Accept: text/event-stream all that follow too")
            .ProducesProblem(StatusCodes.Status410Gone)
            .WithQuery("after", "The cursor of an event, or the next of a page, with the same conditions; latest to begin now; the oldest that is kept if nothing is said.")
            .WithQuery("prefix", "Only events of sessions whose names begin so.")
            .WithQuery("label", "Only events of sessions with this label, as name:value. May come several times; all of them hold.", JsonSchemaType.Array)
            .WithQuery("kind", "Only events of this kind. May come several times; one of them holds.", JsonSchemaType.Array)
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said. Of a page alone.", JsonSchemaType.Integer)
            .WithQuery("wait", "How many seconds to wait for an event if there is none, 0 to 20; 0 if nothing is said. Of a page alone.", JsonSchemaType.Integer)
            .WithHeader(EventRoutes.LastEventId, "The cursor of the last event that was received; it goes before after.", JsonSchemaType.String);
        return tenant;
    }

    private static async Task<Results<Ok<FeedPageAnswer>, ServerSentEventsResult<string>>> GetAsync(TenantScope scope, EventStreams streams, Drain drain)
    {
        var (request, query) = (scope.Context.Request, scope.Query());
        var wanted = new FeedQuery
        {
            After = ReadLastEventId(request) ?? query.String("after"),
            Prefix = query.String("prefix") ?? "",
            Labels = LabelParameters.Parse(query.Strings("label")),
            Kinds = [.. query.Strings("kind").Select(LogEventKindNames.Parse)],
        };
        var grain = scope.Grain<IFeedGrain>();
        if (!EventRoutes.WantsStream(request))
        {
            var page = wanted with { Limit = query.Limit("limit", DefaultLimit), Wait = ReadWait(query) };
            return TypedResults.Ok(FeedPageAnswer.Of(await ReadAsync(grain, page, drain.Over, scope.Aborted)));
        }

        foreach (var name in (string[])["limit", "wait"])
        {
            if (query.Has(name))
            {
                throw new InvalidRequestException(name, "must not be given for a stream");
            }
        }

        // What fails before the first event is still answered as a problem; and whoever begins now begins with this.
        streams.Enter(scope.Context);
        var first = await grain.ReadAsync(wanted with { Limit = 1 }, scope.Aborted);
        scope.Context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(streams.StreamAsync(
            scope.Context,
            scope.Tenant,
            wanted.After == FeedQuery.Latest ? wanted with { After = first.Next } : wanted));
    }

    /// <summary>Reads a page. Whoever waits when the silo stops is answered then, for the stop waits for all requests.</summary>
    internal static async Task<FeedPage> ReadAsync(IFeedGrain grain, FeedQuery query, CancellationToken stopping, CancellationToken aborted)
    {
        if (query is { After: FeedQuery.Latest, Wait.Ticks: > 0 })
        {
            // Now is when the call came, and is not found anew once the wait ends.
            var now = await grain.ReadAsync(query with { Wait = TimeSpan.Zero }, aborted);
            query = query with { After = now.Next };
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, aborted);
        try
        {
            return await grain.ReadAsync(query, either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            return await grain.ReadAsync(query with { Wait = TimeSpan.Zero }, aborted);
        }
    }

    private static TimeSpan ReadWait(QueryReader query)
    {
        var seconds = query.Integer("wait") ?? 0;
        return seconds >= 0 && seconds <= FeedQuery.LongestWait.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new InvalidRequestException("wait", $"must be from 0 to {FeedQuery.LongestWait.TotalSeconds} seconds");
    }

    private static string? ReadLastEventId(HttpRequest request) => request.Headers[EventRoutes.LastEventId] switch
    {
        [] or [null or ""] => null,
        [var text] => text,
        _ => throw new InvalidRequestException("lastEventID", "must be the cursor of an event"),
    };
}
