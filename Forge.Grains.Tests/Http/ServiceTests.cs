using System.Net;
using Forge.Silo.Http;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Forge.Grains.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ServiceTests(SiloServer server)
{
    [Theory]
    [InlineData("/health/live", "live")]
    [InlineData("/health/ready", "ready")]
    public async Task Health_RunningSilo_Answers(string path, string status)
    {
        using var response = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
        var answer = await HttpAnswer.ReadAsync(response);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(status, answer.Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Welcome_SaysWhatToTry()
    {
        using var response = await server.Client.GetAsync("/", TestContext.Current.CancellationToken);
        var answer = await HttpAnswer.ReadAsync(response);

        Assert.StartsWith("text/plain", answer.ContentType, StringComparison.Ordinal);
        Assert.Contains($"curl {server.Client.BaseAddress}v1/sessions/demo/checkpoints", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenApi_DescribesEveryRouteWithBodiesAndQueries()
    {
        using var response = await server.Client.GetAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        var paths = (await HttpAnswer.ReadAsync(response)).Json.GetProperty("paths");
        const string Session = "/v1/sessions/{session}";
        foreach (var (path, method, route) in server.Routes().Where(r => r.Route.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null))
        {
            var operation = paths.GetProperty(path).GetProperty(method.ToLowerInvariant());
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            Assert.Equal(route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, operation.GetProperty("operationId").GetString());
            var parameters = operation.TryGetProperty("parameters", out var found) ? found.EnumerateArray().ToList() : [];
            Assert.Equal(
                route.RoutePattern.Parameters.Select(p => p.Name).Order(),
                parameters.Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()).Order());
            Assert.Equal(
                route.Metadata.GetOrderedMetadata<QueryParameter>().Select(p => p.Name).Order(),
                parameters.Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString()).Order());
            Assert.Equal(
                route.Metadata.GetMetadata<JsonShape>() is not null,
                operation.TryGetProperty("requestBody", out var body)
                    && body.GetProperty("content").EnumerateObject().Any(c => c.Value.GetProperty("schema").TryGetProperty("properties", out _)));
        }

        var create = paths.GetProperty($"{Session}/checkpoints").GetProperty("post");
        Assert.True(create.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
        Assert.Contains(
            paths.GetProperty($"{Session}/checkpoints").GetProperty("get").GetProperty("parameters").EnumerateArray(),
            parameter => parameter.GetProperty("name").GetString() == "cursor");
        var compared = paths.GetProperty($"{Session}/diff").GetProperty("get").GetProperty("parameters").EnumerateArray()
            .Where(parameter => parameter.GetProperty("in").GetString() == "query");
        Assert.Equal(
            ["from"],
            compared.Where(parameter => parameter.TryGetProperty("required", out var required) && required.GetBoolean())
                .Select(parameter => parameter.GetProperty("name").GetString()));
    }
}
