using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Forge.Grains.Tests.Http;

namespace Forge.Grains.Tests.Mcp;

/// <summary>A caller that sends what it is told, as no client would.</summary>
internal sealed class McpRawCaller(HttpClient client)
{
    /// <summary>Sends a body.</summary>
    public async Task<HttpAnswer> SendAsync(string body, string contentType = "application/json", params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mcp") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return await HttpAnswer.ReadAsync(response);
    }

    /// <summary>Sends a call as before 2026-07-28, without a handshake, which nobody needs.</summary>
    public async Task<JsonElement> CallAsync(string method, string parameters = "{}", params (string Name, string Value)[] headers) => Message(
        await SendAsync($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""", headers: headers));

    /// <summary>Calls a tool; the answer is its own or a problem.</summary>
    public async Task<JsonElement> CallToolAsync(string tool, string arguments)
    {
        var message = await CallAsync("tools/call", $$"""{"name":"{{tool}}","arguments":{{arguments}}}""");
        return JsonDocument.Parse(message.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString()!).RootElement;
    }

    /// <summary>Sends a call as since 2026-07-28.</summary>
    public async Task<HttpAnswer> SendNewestAsync(string method, string parameters = "", string? name = null)
    {
        const string Meta = """
            "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"t","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}
            """;
        return await SendAsync(
            $$$"""{"jsonrpc":"2.0","id":1,"method":"{{{method}}}","params":{ {{{Meta}}}{{{(parameters.Length > 0 ? "," : "")}}}{{{parameters}}}}}""",
            "application/json",
            [("MCP-Protocol-Version", McpCaller.Newest), ("Mcp-Method", method), .. name is null ? [] : new[] { ("Mcp-Name", name) }]);
    }

    /// <summary>The message of an answer, which comes as an event.</summary>
    public static JsonElement Message(HttpAnswer answer)
    {
        var data = answer.ContentType?.StartsWith("text/event-stream", StringComparison.Ordinal) is true
            ? answer.Text.Split('\n').First(line => line.StartsWith("data: ", StringComparison.Ordinal))[6..]
            : answer.Text;
        return JsonDocument.Parse(data).RootElement;
    }
}
