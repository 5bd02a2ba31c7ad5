namespace Forge.Silo.Mcp;

/// <summary>A restore: what is current now with its state, what was, and the effects that came later.</summary>
internal sealed class McpRestoreAnswer : IMcpAnswer
{
    private const string Checkpoint = "checkpoint";

    /// <inheritdoc/>
    public string Schema => """
        {"type":"object","properties":{"requestId":{"type":"string"},
        "checkpoint":{"type":"object","description":"What is current now, or would be."},
        "state":{"type":"object","description":"Its state, or what that consists of; as read_state tells it."},
        "undo":{"type":"object","description":"What was current before: restore it to go back."},
        "effectsAfter":{"type":"object","description":"Acts on the outside world that were begun since the checkpoint was there. They are not undone."},
        "difference":{"type":"object","description":"Of a dry run, what would change."}}}
        """;

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AnswerAsync(McpToolCall call, CancellationToken cancellationToken)
    {
        var answer = await call.RunAsync(call.Parameters(), cancellationToken);
        var restored = JsonValue.Find(answer, JsonPointer.Parse("/checkpoint"));
        return McpJson.Write(writer =>
        {
            writer.WriteStartObject();
            if (call.RequestId is { } requestId)
            {
                writer.WriteString(McpToolCall.RequestIdName, requestId);
            }

            // Half of the room is for the state.
            var others = McpJson.Write(inner =>
            {
                inner.WriteStartObject();
                inner.WriteMembers(answer, Checkpoint, "position", "chain");
                inner.WriteEndObject();
            });
            writer.WriteMembers(McpFit.Shorten(others, call.Room / 4).ToArray());
            if (restored.Type == System.Text.Json.JsonTokenType.StartObject)
            {
                var state = McpState.Read(restored.Json);
                writer.WriteStartObject(Checkpoint);
                McpCheckpointPart.WriteSummary(writer, state, call.Room / 8, name => name is "position" or "chain" or "annotations");
                writer.WriteEndObject();
                writer.WriteStartObject("state");
                McpStateView.Write(writer, state, JsonPointer.Whole, 0, call.Room / 2);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        });
    }
}
