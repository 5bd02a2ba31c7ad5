using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Forge.Errors;

namespace Forge.Silo.Mcp;

/// <summary>The branches of a session, of which the operation answers all: a page of them.</summary>
internal sealed class McpBranchesAnswer : IMcpAnswer
{
    private const int Frame = 2 * 1024;
    private const string Main = "main";
    private const int MostItems = 1_000;

    /// <inheritdoc/>
    public string Schema => """
        {"type":"object","required":["items","count"],"properties":{"items":{"type":"array","items":{"type":"object"}},"count":{"type":"integer"},"next":{"type":"string"}}}
        """;

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AnswerAsync(McpToolCall call, CancellationToken cancellationToken)
    {
        var (session, limit) = (call.Text("session"), LimitOf(call));
        var last = call.Text("cursor") is { } cursor ? Decode(McpCursor.Parse(cursor, 1, session).Ids[0]) : null;
        var all = JsonValue.Find(await call.RunAsync(call.Parameters(), cancellationToken), JsonPointer.Parse("/items"));
        var names = NamesOf(all);

        // Branches come and go: the next part begins behind a name, and not at a place. Main is the first, and the others go by their names.
        var offset = last is null ? 0
            : names.Count(name => name == Main || (last != Main && string.CompareOrdinal(name, last) <= 0));
        return McpJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("count", all.Count);
            if (McpPart.Write(writer, "items", all.Json, offset, call.Room - Frame, limit) is { } next)
            {
                writer.WriteString("next", new McpCursor(next, [Base64Url.EncodeToString(Encoding.UTF8.GetBytes(names[(int)next - 1]))]).ToText(session));
            }

            writer.WriteEndObject();
        });
    }

    private static List<string> NamesOf(JsonValue branches)
    {
        List<string> names = [];
        branches.Walk(0, (_, _, branch) =>
        {
            names.Add(JsonText.Of(JsonValue.Find(branch.Json, JsonPointer.Parse("/branch")).Json.Span));
            return true;
        });
        return names;
    }

    private static string Decode(string name)
    {
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(name));
        }
        catch (FormatException exception)
        {
            throw new InvalidRequestException("cursor", "is none of this tool", exception);
        }
    }

    private static long LimitOf(McpToolCall call) => call.Text("limit") is not { } text ? McpListAnswer.DefaultLimit
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MostItems ? limit
        : throw new InvalidRequestException("limit", $"must be from 1 to {MostItems}");
}
