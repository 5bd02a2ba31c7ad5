using Forge.Silo.Timeline;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Forge.Silo.Welcome;

/// <summary>What stands at the address of the service: the timeline for browsers, and for others what to begin with.</summary>
internal static class WelcomeRoute
{
    public static IEndpointRouteBuilder MapWelcome(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods(
                "/", TimelineRoute.Methods,
                (HttpContext context) => TimelineRoute.IsWanted(context.Request) ? TimelineRoute.Page(context) : Welcome(context))
            .ExcludeFromDescription()
            .AllowAnonymous();
        return routes;
    }

    /// <summary>A command that saves a first checkpoint.</summary>
    public static string TryOut(string root) =>
        $$$"""curl {{{root}}}/v1/sessions/demo/checkpoints -H 'Content-Type: application/json' -d '{"message":"hello","state":{"step":1}}'""";

    private static ContentHttpResult Welcome(HttpContext context)
    {
        var root = $"{context.Request.Scheme}://{context.Request.Host}";
        context.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        return TypedResults.Text(
            $$"""
            Forge keeps checkpoints for agents: save the state of a line of work, list what was saved, go back to any of it.

            Save one:      {{TryOut(root)}}
            Read it back:  curl {{root}}/v1/sessions/demo/checkpoints/latest
            List them:     curl {{root}}/v1/sessions/demo/checkpoints

            See them:      {{root}}/ in a browser
            Every route:   {{root}}/openapi/v1.json
            For a model:   claude mcp add --transport http forge {{root}}/mcp
            Health:        {{root}}/health/ready

            """);
    }
}
