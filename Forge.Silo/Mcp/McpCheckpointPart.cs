using System.Text.Json;

namespace Forge.Silo.Mcp;

/// <summary>What tools have in common that tell of one checkpoint in parts.</summary>
internal static class McpCheckpointPart
{
    /// <summary>What is asked of the operation: of a part behind the first by the id, so that no other checkpoint is looked at meanwhile.</summary>
    /// <param name="call">The call.</param>
    /// <param name="more">What else the cursor depends on.</param>
    public static (McpParameters Parameters, long Offset, string?[] Conditions) Begin(McpToolCall call, params ReadOnlySpan<string?> more)
    {
        const string Checkpoint = "checkpoint";
        const string Branch = "branch";
        var parameters = call.Parameters();
        if (!parameters.Has(Checkpoint))
        {
            parameters.With(Checkpoint, "latest");
        }

        string?[] conditions = [call.Text("session"), call.Text(Checkpoint), call.Text(Branch), .. more];
        if (call.Text("cursor") is not { } text)
        {
            return (parameters, 0, conditions);
        }

        var cursor = McpCursor.Parse(text, 1, conditions);
        return (parameters.With(Checkpoint, cursor.Ids[0]).Without(Branch), cursor.Offset, conditions);
    }

    /// <summary>Writes what a checkpoint has beside its state, but for some.</summary>
    /// <returns>The bytes that it takes.</returns>
    public static int WriteSummary(Utf8JsonWriter writer, McpState state, int room, Predicate<string> isLeftOut)
    {
        var summary = McpFit.Shorten(
            McpJson.Write(inner =>
            {
                inner.WriteStartObject();
                foreach (var (name, json) in state.Properties)
                {
                    if (!isLeftOut(name) && !json.Span.SequenceEqual("null"u8))
                    {
                        inner.WriteRaw(name, json);
                    }
                }

                inner.WriteEndObject();
            }),
            room);
        writer.WriteMembers(summary);
        return summary.Length;
    }
}
