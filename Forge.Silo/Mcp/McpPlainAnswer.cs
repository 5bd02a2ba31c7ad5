namespace Forge.Silo.Mcp;

/// <summary>What the operation answers, without what a model has no use for.</summary>
/// <param name="leaveOut">The properties that are left out.</param>
internal sealed class McpPlainAnswer(params string[] leaveOut) : IMcpAnswer
{
    /// <inheritdoc/>
    public string Schema => """{"type":"object"}""";

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AnswerAsync(McpToolCall call, CancellationToken cancellationToken)
    {
        var answer = await call.RunAsync(call.Parameters(), cancellationToken);
        return McpFit.Shorten(
            McpJson.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteMembers(answer, leaveOut);
                writer.WriteEndObject();
            }),
            call.Room,
            McpToolCall.RequestIdName,
            call.RequestId);
    }
}
