using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Forge.Benchmarks.Transcripts;

/// <summary>
/// A made conversation of an agent that works on a program: what it thinks, the tools it calls, and what they answer. Its
/// file has the form of a recorded run, and is no easier to make small than one. The same in every run.
/// </summary>
internal static class MadeConversation
{
    private const int Seed = 500;

    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file of a conversation of so many messages, of about 600 bytes each.</summary>
    public static byte[] Make(int messages)
    {
        var text = new MadeText(Seed);
        var tools = new MadeTools(text);
        JsonArray history =
        [
            Said("system", $"{text.Sentences(20)}\n\n{text.CodeLines(12)}"),
            Said("user", $"{text.Sentences(8)}\n\n{text.CodeLines(6)}"),
        ];
        while (history.Count < messages)
        {
            var call = $"call_{text.Hex(24)}";
            var (name, arguments, answer) = tools.Use();
            history.Add((JsonNode)Called(text.Sentences(1 + text.Number(6)), call, name, arguments));
            history.Add((JsonNode)new JsonObject { ["role"] = "tool", ["tool_call_id"] = call, ["content"] = answer });
            if (text.Chance(4))
            {
                history.Add((JsonNode)Said("user", text.Sentences(1 + text.Number(4))));
            }
        }

        while (history.Count > messages)
        {
            history.RemoveAt(history.Count - 1);
        }

        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["history"] = history }, AsWritten);
    }

    private static JsonObject Said(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static JsonObject Called(string thought, string call, string name, JsonObject arguments) => new()
    {
        ["role"] = "assistant",
        ["content"] = thought,
        ["tool_calls"] = new JsonArray(new JsonObject
        {
            ["id"] = call,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments.ToJsonString(AsWritten) },
        }),
    };
}
