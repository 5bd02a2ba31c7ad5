using Microsoft.AspNetCore.Http.HttpResults;

namespace Forge.Silo.Welcome;

/// <summary>What a person sees who opens the service in a browser.</summary>
internal static class WelcomeRoute
{
    public static IEndpointRouteBuilder MapWelcome(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Welcome).ExcludeFromDescription().AllowAnonymous();
        return routes;
    }

    /// <summary>A command that saves a first checkpoint.</summary>
    public static string TryOut(string root) =>
        $$$"""curl {{{root}}}/v1/sessions/demo/checkpoints -H 'Content-Type: application/json' -d '{"message":"hello","state":{"step":1}}'""";

    private static ContentHttpResult Welcome(HttpRequest request)
    {
        var root = $"{request.Scheme}://{request.Host}";
        return TypedResults.Text(
            $$"""
            Forge keeps checkpoints for agents: save the state of a line of work, list what was saved, go back to any of it.

            Save one:      {{TryOut(root)}}
            Read it back:  curl {{root}}/v1/sessions/demo/checkpoints/latest
            List them:     curl {{root}}/v1/sessions/demo/checkpoints

            Every route:   {{root}}/openapi/v1.json
            For a model:   claude mcp add --transport http forge {{root}}/mcp
            Health:        {{root}}/health/ready

            """);
    }
}
