using System.Net;
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
        (string Path, string[] Methods)[] routes =
        [
            (Session, ["get", "put", "delete"]),
            ($"{Session}/checkpoints", ["get", "post"]),
            ($"{Session}/checkpoints/batch", ["post"]),
            ($"{Session}/checkpoints/{{checkpoint}}", ["get", "delete"]),
            ($"{Session}/checkpoints/{{checkpoint}}/state", ["get"]),
            ($"{Session}/checkpoints/{{checkpoint}}/restore", ["post"]),
            ($"{Session}/checkpoints/{{checkpoint}}/annotations", ["post"]),
            ($"{Session}/checkpoints/{{checkpoint}}/tags", ["put"]),
            ($"{Session}/at", ["get"]),
            ($"{Session}/compact", ["post"]),
            ($"{Session}/export", ["get"]),
            ($"{Session}/import", ["post"]),
            ("/v1/sessions", ["get"]),
            ("/v1/export", ["get"]),
            ("/v1/import", ["post"]),
            ("/health/live", ["get"]),
            ("/health/ready", ["get"]),
        ];
        foreach (var (path, methods) in routes)
        {
            foreach (var method in methods)
            {
                var operation = paths.GetProperty(path).GetProperty(method);
                Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            }
        }

        var create = paths.GetProperty($"{Session}/checkpoints").GetProperty("post");
        Assert.True(create.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _));
        Assert.Contains(
            paths.GetProperty($"{Session}/checkpoints").GetProperty("get").GetProperty("parameters").EnumerateArray(),
            parameter => parameter.GetProperty("name").GetString() == "cursor");
    }
}
