namespace Forge.Silo.Mcp;

/// <summary>A checkpoint without its state, with its notes in parts.</summary>
internal sealed class McpCheckpointAnswer : IMcpAnswer
{
    private const string Annotations = "annotations";
    private const int Frame = 512;

    /// <summary>What a model has no use for.</summary>
    private static readonly HashSet<string> Chained = new(StringComparer.Ordinal) { "position", "chain", Annotations };

    /// <inheritdoc/>
    public string Schema => """
        {"type":"object","required":["annotations"],"properties":{"annotations":{"type":"array","items":{"type":"object"}},"next":{"type":"string"}}}
        """;

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AnswerAsync(McpToolCall call, CancellationToken cancellationToken)
    {
        var (parameters, offset, conditions) = McpCheckpointPart.Begin(call);
        var state = McpState.Read(await call.RunAsync(parameters, cancellationToken));
        return McpJson.Write(writer =>
        {
            writer.WriteStartObject();
            var told = McpCheckpointPart.WriteSummary(writer, state, call.Room / 2, Chained.Contains);
            if (McpPart.Write(writer, Annotations, state.Properties.GetValueOrDefault(Annotations, "[]"u8.ToArray()), offset, call.Room - told - Frame) is { } next)
            {
                writer.WriteString("next", new McpCursor(next, [state.Id]).ToText(conditions));
            }

            writer.WriteEndObject();
        });
    }
}
