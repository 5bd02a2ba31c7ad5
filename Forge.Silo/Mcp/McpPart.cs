using System.Text.Json;

namespace Forge.Silo.Mcp;

/// <summary>Part of an array that the operation answers whole.</summary>
internal static class McpPart
{
    /// <summary>Writes the items from one on, as many as fit and at least one; one that is too large by itself is shortened.</summary>
    /// <param name="writer">Where they go.</param>
    /// <param name="name">The property that has them.</param>
    /// <param name="array">The array; null for none.</param>
    /// <param name="offset">How many were told before.</param>
    /// <param name="room">The most bytes.</param>
    /// <param name="limit">The most items.</param>
    /// <param name="tell">What is told of an item, which is shortened if it is too large even so; null for all of it.</param>
    /// <returns>The offset of the next part; null if there is no more.</returns>
    public static long? Write(
        Utf8JsonWriter writer, string name, ReadOnlyMemory<byte>? array, long offset, int room, long limit = long.MaxValue,
        Func<JsonValue, ReadOnlyMemory<byte>>? tell = null)
    {
        long? next = null;
        var used = 0;
        writer.WriteStartArray(name);
        if (array is { } json)
        {
            JsonValue.Find(json, JsonPointer.Whole).Walk(offset, (place, _, item) =>
            {
                var told = McpFit.Shorten(tell?.Invoke(item) ?? item.Json, room);
                used += told.Length + 1;
                if ((used > room && place > offset) || place - offset == limit)
                {
                    next = place;
                    return false;
                }

                writer.WriteRawValue(told.Span, skipInputValidation: true);
                return true;
            });
        }

        writer.WriteEndArray();
        return next;
    }
}
