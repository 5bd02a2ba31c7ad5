using Forge.Silo.Http;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Timeline;

/// <summary>The files of the page. The page itself stands at <c>/</c>, where others than browsers are told of the service.</summary>
internal static class TimelineRoute
{
    private const string ForEver = "public, max-age=31536000, immutable";
    private const string AskAgain = "no-cache";

    /// <summary>What the page and its files are asked by.</summary>
    public static IEnumerable<string> Methods { get; } = [HttpMethods.Get, HttpMethods.Head];

    public static IEndpointRouteBuilder MapTimeline(this IEndpointRouteBuilder routes)
    {
        // The name of a file has a digest of what is in it: what stands under one name never changes.
        routes.MapMethods("/timeline/{file}", Methods, (string file) => TimelineFiles.Find($"timeline/{file}") is { } found
                ? (IResult)new TimelineResult(found, ForEver)
                : ProblemAnswers.Result(Problem.FromStatus(StatusCodes.Status404NotFound)))
            .ExcludeFromDescription()
            .AllowAnonymous();
        return routes;
    }

    /// <summary>True for a browser, which asks for HTML by name.</summary>
    public static bool IsWanted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html" && type.Quality is not 0);

    /// <summary>The page.</summary>
    public static IResult Page(HttpContext context)
    {
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        return new TimelineResult(TimelineFiles.Index, AskAgain);
    }
}
