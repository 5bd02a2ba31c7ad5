using System.Net;
using System.Text.Json;
using Forge.Grains.Tests.Http;
using Forge.Silo.Mcp;
using Forge.Silo.Rpc;

namespace Forge.Grains.Tests.Fuzz;

/// <summary>A route as the running application describes it: all that a request to it may have.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path, with its parameters in braces.</param>
/// <param name="Query">The names of the query, with what their values are.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Bodies">The kinds of bodies by their content types; the schema is of one line of a body of lines.</param>
internal sealed record FuzzRoute(
    string Method, string Path, IReadOnlyList<(string Name, string Type)> Query, IReadOnlyList<string> Headers,
    IReadOnlyList<(string ContentType, JsonElement Schema)> Bodies)
{
    /// <summary>The <c>operationId</c>; null for a route that the description leaves out.</summary>
    public string? Operation { get; init; }

    /// <summary>Every route but those of other protocols: those that the description has, and those that it leaves out.</summary>
    public static async Task<IReadOnlyList<FuzzRoute>> AllAsync(SiloServer server)
    {
        using var response = await server.Client.GetAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var paths = (await HttpAnswer.ReadAsync(response)).Json.GetProperty("paths");
        var routes = server.Routes()
            .Where(route => route.Route.Metadata.GetMetadata<TakesWebSocket>() is null && route.Route.Metadata.GetMetadata<TakesMcp>() is null)
            .Select(route => paths.TryGetProperty(route.Path, out var path)
                && path.TryGetProperty(route.Method.ToLowerInvariant(), out var operation)
                    ? Described(route, operation)
                    : new FuzzRoute(route.Method, route.Path, [], [], []))
            .ToList();
        Assert.True(routes.Count >= 20);
        return routes;
    }

    private static FuzzRoute Described(SiloRoute route, JsonElement operation)
    {
        var parameters = operation.TryGetProperty("parameters", out var given) ? given.EnumerateArray().ToList() : [];
        var bodies = operation.TryGetProperty("requestBody", out var body)
            ? body.GetProperty("content").EnumerateObject().Select(kind => (kind.Name, kind.Value.GetProperty("schema"))).ToList()
            : [];
        return new FuzzRoute(
            route.Method, route.Path,
            [.. In("query").Select(parameter => (Name(parameter), TypeOf(parameter.GetProperty("schema"))))],
            [.. In("header").Select(Name)], bodies)
        {
            Operation = operation.TryGetProperty("operationId", out var id) ? id.GetString() : null,
        };

        IEnumerable<JsonElement> In(string place) => parameters.Where(parameter => parameter.GetProperty("in").GetString() == place);
        static string Name(JsonElement parameter) => parameter.GetProperty("name").GetString()!;
    }

    /// <summary>The type of a schema; of several, the first; none for anything.</summary>
    public static string TypeOf(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? ""
        : type.ValueKind == JsonValueKind.Array ? type[0].GetString()!
        : type.GetString()!;
}
