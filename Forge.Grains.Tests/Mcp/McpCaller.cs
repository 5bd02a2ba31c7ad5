using System.Text;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Forge.Grains.Tests.Mcp;

/// <summary>A caller by the SDK's own client.</summary>
internal sealed class McpCaller : IAsyncDisposable
{
    /// <summary>The first version of the protocol that has no handshake.</summary>
    public const string Newest = "2026-07-28";

    /// <summary>The last one that has.</summary>
    public const string WithHandshake = "2025-11-25";

    private McpCaller(McpClient client) => Client = client;

    public McpClient Client { get; }

    public static async Task<McpCaller> ConnectAsync(Uri root, string? version = null, string? token = null)
    {
        var transport = new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = new Uri(root, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = token is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" },
        });
        return new McpCaller(await McpClient.CreateAsync(
            transport, new McpClientOptions { ProtocolVersion = version }, cancellationToken: TestContext.Current.CancellationToken));
    }

    /// <summary>What a tool answers, an error too.</summary>
    public async Task<McpAnswer> SendAsync(string tool, string arguments)
    {
        using var json = JsonDocument.Parse(arguments);
        var result = await Client.CallToolAsync(
            tool, json.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => (object?)member.Value.Clone()),
            cancellationToken: TestContext.Current.CancellationToken);
        var text = Assert.IsType<TextContentBlock>(Assert.Single(result.Content)).Text;

        // Both forms are of the same answer. A problem is none that the tool's schema is of.
        Assert.Equal(result.IsError is true, result.StructuredContent is null);
        Assert.True(result.StructuredContent is not { } told || JsonElement.DeepEquals(JsonDocument.Parse(text).RootElement, told), text);
        return new McpAnswer(text, result.IsError is true);
    }

    /// <summary>What a tool answers that carries its call out.</summary>
    public async Task<JsonElement> CallAsync(string tool, string arguments)
    {
        var answer = await SendAsync(tool, arguments);
        Assert.False(answer.IsError, answer.Text);
        return answer.Json;
    }

    /// <summary>The problem that a tool answers with.</summary>
    public async Task<JsonElement> RefusedAsync(string tool, string arguments, string code, string? field = null)
    {
        var answer = await SendAsync(tool, arguments);
        Assert.True(answer.IsError, answer.Text);
        Assert.Equal(code, answer.Json.GetProperty("code").GetString());
        Assert.Equal(field, answer.Json.TryGetProperty("field", out var named) ? named.GetString() : null);
        Assert.NotEmpty(answer.Json.GetProperty("detail").GetString()!);
        Assert.NotEmpty(answer.Json.GetProperty("title").GetString()!);
        return answer.Json;
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}

/// <summary>An answer of a tool.</summary>
/// <param name="Text">Its text.</param>
/// <param name="IsError">True if it tells a problem.</param>
internal sealed record McpAnswer(string Text, bool IsError)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public int Bytes => Encoding.UTF8.GetByteCount(Text);
}
