using System.Globalization;
using System.Net.Mime;
using Forge.Errors;
using Forge.Events;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

namespace Forge.Silo.Events;

/// <summary>The route of a session's log.</summary>
internal static class EventRoutes
{
    public const string LastEventId = "Last-Event-ID";

    private const int DefaultLimit = 100;

    public static RouteGroupBuilder MapEvents(this RouteGroupBuilder session)
    {
        session.MapGet("/events", GetAsync)
            .WithOperation<ListEvents>("The events of the session after a position: a page, or with Accept: text/event-stream all that follow too")
            .WithQuery("after", "The position, from 0; the oldest that is kept if nothing is said.", JsonSchemaType.Integer)
            .WithQuery("limit", "1 to 1,000; 100 if nothing is said. Of a page alone.", JsonSchemaType.Integer)
            .WithHeader(LastEventId, "The position of the last event that was received; it goes before after.", JsonSchemaType.Integer);
        return session;
    }

    private static async Task<Results<Ok<EventPageAnswer>, ServerSentEventsResult<string>>> GetAsync(SessionScope scope, EventStreams streams)
    {
        var (request, query) = (scope.Context.Request, scope.Query());
        var after = ReadLastEventId(request) ?? query.Integer("after");
        if (!WantsStream(request))
        {
            return TypedResults.Ok(EventPageAnswer.Of(
                await scope.RunAsync(new ListEvents(after, query.Limit("limit", DefaultLimit)))));
        }

        if (query.Has("limit"))
        {
            throw new InvalidRequestException("limit", "must not be given for a stream");
        }

        // What fails before the first event is still answered as a problem.
        streams.Enter(scope.Context);
        await scope.RunAsync(new ListEvents(after, 1));
        scope.Context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(streams.StreamAsync(scope.Context, scope.Address, after));
    }

    public static bool WantsStream(HttpRequest request) => request.GetTypedHeaders().Accept.Any(
        accepted => accepted.MediaType.Equals(MediaTypeNames.Text.EventStream, StringComparison.OrdinalIgnoreCase) && accepted.Quality is not 0);

    private static long? ReadLastEventId(HttpRequest request) => request.Headers[LastEventId] switch
    {
        [] or [null or ""] => null,
        [var text] when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position) => position,
        _ => throw new InvalidRequestException("lastEventID", "must be the position of an event"),
    };
}
