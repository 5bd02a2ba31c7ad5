namespace Forge.Silo.Mcp;

/// <summary>A state, or a part of it.</summary>
internal sealed class McpStateAnswer : IMcpAnswer
{
    private const int Frame = 512;

    /// <summary>What of a checkpoint is told with its state.</summary>
    private static readonly HashSet<string> Told = new(StringComparer.Ordinal)
    {
        "id", "sequence", "branch", "createdAt", "message", "contentType", "size", "checksum",
    };

    /// <inheritdoc/>
    public string Schema => """
        {"type":"object","required":["checkpoint","pointer","kind","bytes"],"properties":{
        "checkpoint":{"type":"object","description":"Whose state it is."},
        "pointer":{"type":"string"},"kind":{"enum":["object","array","string","number","boolean","null","text","bytes"]},"bytes":{"type":"integer"},
        "value":{"description":"The value, if it fits."},
        "count":{"type":"integer"},"parts":{"type":"array","items":{"type":"object"},"description":"Items or members in its place, each with its pointer, and its value if that is small."},
        "characters":{"type":"integer"},"from":{"type":"integer"},"text":{"type":"string","description":"A piece of a long text."},
        "advice":{"type":"string"},"next":{"type":"string","description":"The cursor of the next part."}}}
        """;

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AnswerAsync(McpToolCall call, CancellationToken cancellationToken)
    {
        var pointer = JsonPointer.Parse(call.Text("pointer") ?? "");
        var (parameters, offset, conditions) = McpCheckpointPart.Begin(call, pointer.Text);
        var state = McpState.Read(await call.RunAsync(parameters, cancellationToken));
        return Tell(state, pointer, offset, call.Room, next => new McpCursor(next, [state.Id]).ToText(conditions));
    }

    /// <summary>A state that is too large to be told whole.</summary>
    public static ReadOnlyMemory<byte> Outline(McpState state, int room) => Tell(state, JsonPointer.Whole, 0, room, toCursor: null);

    private static byte[] Tell(McpState state, JsonPointer pointer, long offset, int room, Func<long, string>? toCursor) => McpJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("checkpoint");
        var told = McpCheckpointPart.WriteSummary(writer, state, room / 4, name => !Told.Contains(name));
        writer.WriteEndObject();
        writer.WriteString("pointer", pointer.Text);
        var next = McpStateView.Write(writer, state, pointer, offset, room - told - McpJson.LengthOf(pointer.Text) - Frame);
        if (next is { } offsetOfNext && toCursor is not null)
        {
            writer.WriteString("next", toCursor(offsetOfNext));
        }

        writer.WriteEndObject();
    });
}
