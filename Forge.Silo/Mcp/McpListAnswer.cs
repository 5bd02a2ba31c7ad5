using System.Text.Json;

namespace Forge.Silo.Mcp;

/// <summary>
/// A page of a list with the cursor of the next, as the operation has them. One that is too large is asked for again with as many items as
/// fit, so that its cursor is right.
/// </summary>
/// <param name="leaveOut">The properties of items that are left out.</param>
internal sealed class McpListAnswer(params string[] leaveOut) : IMcpAnswer
{
    /// <summary>How many items a page has unless it is said.</summary>
    public const int DefaultLimit = 20;

    private const string Limit = "limit";

    /// <summary>What stands around the items: a cursor is the longest of it.</summary>
    private const int Frame = 2 * 1024;

    /// <summary>A page may have grown since it was asked for before, but not for ever.</summary>
    private const int Tries = 4;

    /// <inheritdoc/>
    public string Schema => """
        {"type":"object","required":["items"],"properties":{"items":{"type":"array","items":{"type":"object"}},"next":{"type":"string"}}}
        """;

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>> AnswerAsync(McpToolCall call, CancellationToken cancellationToken)
    {
        var parameters = call.Parameters();
        if (!parameters.Has(Limit))
        {
            parameters.With(Limit, DefaultLimit);
        }

        for (var attempt = 1; ; attempt++)
        {
            var (items, next) = Read(await call.RunAsync(parameters, cancellationToken));
            var fitting = items.Count;
            for (var bytes = items.Sum(item => item.Length + 1); bytes > call.Room - Frame && fitting > 1; fitting--)
            {
                bytes -= items[fitting - 1].Length + 1;
            }

            if (fitting == items.Count || attempt == Tries)
            {
                return McpJson.Write(writer => Write(writer, items, next, call.Room - Frame));
            }

            parameters.With(Limit, fitting);
        }
    }

    private static void Write(Utf8JsonWriter writer, List<ReadOnlyMemory<byte>> items, ReadOnlyMemory<byte>? next, int room)
    {
        var share = items.Sum(item => item.Length + 1) <= room ? room : room / items.Count;
        writer.WriteStartObject();
        writer.WriteStartArray("items");
        foreach (var item in items)
        {
            writer.WriteRawValue(McpFit.Shorten(item, share).Span, skipInputValidation: true);
        }

        writer.WriteEndArray();
        if (next is { } cursor)
        {
            writer.WriteRaw("next", cursor);
        }

        writer.WriteEndObject();
    }

    private (List<ReadOnlyMemory<byte>> Items, ReadOnlyMemory<byte>? Next) Read(ReadOnlyMemory<byte> page)
    {
        List<ReadOnlyMemory<byte>> items = [];
        ReadOnlyMemory<byte>? next = null;
        JsonValue.Find(page, JsonPointer.Whole).Walk(0, (_, name, value) =>
        {
            if (name == "items")
            {
                value.Walk(0, (_, _, item) =>
                {
                    items.Add(McpJson.Write(writer =>
                    {
                        writer.WriteStartObject();
                        writer.WriteMembers(item.Json, leaveOut);
                        writer.WriteEndObject();
                    }));
                    return true;
                });
            }
            else if (name == "next" && value.Type != JsonTokenType.Null)
            {
                next = value.Json;
            }

            return true;
        });
        return (items, next);
    }
}
