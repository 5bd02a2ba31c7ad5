using System.Text.Json;

namespace Forge.Silo.Mcp;

/// <summary>The difference between two states: a patch in parts, of whose operations large values are left out.</summary>
internal sealed class McpDifferenceAnswer : IMcpAnswer
{
    private const int Frame = 1024;

    /// <summary>One part in so many of the room is what a value may take.</summary>
    private const int ValueShare = 4;

    /// <inheritdoc/>
    public string Schema => """
        {"type":"object","required":["from","to"],"properties":{"from":{"type":"object"},"to":{"type":"object"},
        "summary":{"type":"object","description":"How many values were added, removed, changed and moved."},
        "operations":{"type":"integer","description":"How many operations the patch has."},
        "patch":{"type":"array","items":{"type":"object"},"description":"JSON Patch (RFC 6902), or the next part of it. An operation with valueBytes has a value that is too large: read it by its path."},
        "notCompared":{"type":"object","description":"Why there is no patch."},
        "firstDifference":{"type":"integer","description":"The offset of the first byte that differs; left out if none does."},
        "next":{"type":"string","description":"The cursor of the next part."}}}
        """;

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AnswerAsync(McpToolCall call, CancellationToken cancellationToken)
    {
        var parameters = call.Parameters();
        string?[] conditions = [call.Text("session"), call.Text("from"), call.Text("to"), call.Text("branch"), call.Text("otherSession")];
        var offset = 0L;
        if (call.Text("cursor") is { } text)
        {
            var cursor = McpCursor.Parse(text, 2, conditions);
            offset = cursor.Offset;
            parameters.With("from", cursor.Ids[0]).With("to", cursor.Ids[1]).Without("branch");
        }

        var answer = await call.RunAsync(parameters, cancellationToken);
        return McpJson.Write(writer => Write(writer, answer, offset, call.Room, conditions));
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> answer, long offset, int room, string?[] conditions)
    {
        var members = new Dictionary<string, JsonValue>(StringComparer.Ordinal);
        JsonValue.Find(answer, JsonPointer.Whole).Walk(0, (_, name, value) =>
        {
            members[name!] = value;
            return true;
        });
        writer.WriteStartObject();
        var (used, ids) = (0, new List<string>());
        foreach (var side in new[] { "from", "to" })
        {
            var state = McpState.Read(members[side].Json);
            ids.Add(state.Id);
            writer.WriteStartObject(side);
            used += McpCheckpointPart.WriteSummary(writer, state, room / 8, name => name is "position" or "chain");
            writer.WriteEndObject();
        }

        foreach (var (name, value) in members.Where(member => member.Key is not ("from" or "to" or "patch") && member.Value.Type != JsonTokenType.Null))
        {
            writer.WritePropertyName(name);
            if (name == "summary")
            {
                // The patch has the entries.
                writer.WriteStartObject();
                writer.WriteMembers(value.Json, "entries", "rest");
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteRawValue(
                    (value.Type == JsonTokenType.StartObject ? McpFit.Shorten(value.Json, room / 8) : value.Json).Span, skipInputValidation: true);
            }
        }

        if (members.TryGetValue("patch", out var patch) && patch.Type == JsonTokenType.StartArray)
        {
            writer.WriteNumber("operations", patch.Count);
            var left = room - used - (room / 8) - Frame;
            if (McpPart.Write(writer, "patch", patch.Json, offset, left, tell: operation => WithoutLargeValue(operation, left / ValueShare)) is { } next)
            {
                writer.WriteString("next", new McpCursor(next, ids).ToText(conditions));
            }
        }

        writer.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> WithoutLargeValue(JsonValue operation, int room) => McpJson.Write(writer =>
    {
        writer.WriteStartObject();
        operation.Walk(0, (_, name, value) =>
        {
            if (name == "value" && (value.Json.Length > room || !value.CanStand))
            {
                writer.WriteNumber("valueBytes", value.Json.Length);
                writer.WriteString("valueKind", value.Kind);
            }
            else
            {
                writer.WriteRaw(name!, value.Json);
            }

            return true;
        });
        writer.WriteEndObject();
    });
}
