using System.Net;
using System.Text;
using System.Text.Json;

namespace Forge.Grains.Tests.Http;

/// <summary>One session over HTTP, as a caller without our client library sees it.</summary>
internal sealed class SessionHttp(HttpClient client, string session)
{
    public string Path { get; } = $"/v1/sessions/{Uri.EscapeDataString(session)}";

    public static SessionHttp New(SiloServer server) => new(server.Client, $"s-{Guid.NewGuid():N}");

    public Task<HttpAnswer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    public Task<HttpAnswer> DeleteAsync(string path = "") => SendAsync(HttpMethod.Delete, path, null);

    public Task<HttpAnswer> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Body(json, "application/json"), headers);

    public Task<HttpAnswer> PutAsync(string path, string json) =>
        SendAsync(HttpMethod.Put, path, Body(json, "application/json"));

    public Task<HttpAnswer> PostAsync(string path, byte[] body, string? contentType, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, Body(body, contentType), headers);

    /// <summary>Creates a checkpoint with a state of its own and expects it to be taken.</summary>
    public async Task<JsonElement> CreateAsync(string message, string more = "")
    {
        var answer = await PostAsync("/checkpoints", $$"""{"message":"{{message}}","state":{"of":"{{message}}"}{{more}}}""");
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Json;
    }

    public async Task<HttpAnswer> SendAsync(
        HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Path + path) { Content = content };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                content!.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }

    private static ByteArrayContent Body(string text, string? contentType) => Body(Encoding.UTF8.GetBytes(text), contentType);

    private static ByteArrayContent Body(byte[] body, string? contentType)
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return content;
    }
}

/// <summary>A response that was read to its end.</summary>
internal sealed record HttpAnswer(
    HttpStatusCode Status, byte[] Body, string? ContentType, ILookup<string, string> Headers)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Code => Json.GetProperty("code").GetString();

    public static async Task<HttpAnswer> ReadAsync(HttpResponseMessage response) => new(
        response.StatusCode,
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken),
        response.Content.Headers.TryGetValues("Content-Type", out var types) ? types.Single() : null,
        response.Headers.Concat(response.Content.Headers).SelectMany(h => h.Value.Select(v => (h.Key, Value: v))).ToLookup(h => h.Key, h => h.Value));

    /// <summary>Expects a problem with this status, code and field.</summary>
    public void MustRefuse(HttpStatusCode status, string code, string? field = null)
    {
        Assert.True(status == Status, $"{Status} instead of {status}: {Text}");
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal(code, Code);
        if (field is not null)
        {
            Assert.Equal(field, Json.GetProperty("field").GetString());
        }
    }
}
