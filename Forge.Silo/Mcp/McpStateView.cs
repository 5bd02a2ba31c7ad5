using System.Globalization;
using System.Text;
using System.Text.Json;
using Forge.Errors;

namespace Forge.Silo.Mcp;

/// <summary>
/// A state, or a part of it, in the room that an answer has: as it is if it fits; else its parts, those that are small as they are and of
/// the others what they are; of a long text the next piece; of what is no text its size alone.
/// </summary>
internal static class McpStateView
{
    /// <summary>One part in so many of the room is what a part may take to be told as it is.</summary>
    private const int PartShare = 8;

    /// <summary>How much of a long text is told where it is one part among others.</summary>
    private const int Preview = 200;

    /// <summary>How much of a name is told; one that is longer can't be pointed to.</summary>
    private const int MaxName = 500;

    /// <summary>What stands around a value.</summary>
    private const int Frame = 200;

    /// <summary>Writes the properties of it into an object that was begun.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="state">The state.</param>
    /// <param name="pointer">Which part.</param>
    /// <param name="offset">How many children, or characters, were told before.</param>
    /// <param name="room">The most bytes.</param>
    /// <returns>The offset of the next part; null if there is no more.</returns>
    /// <exception cref="InvalidRequestException">The pointer names nothing.</exception>
    public static long? Write(Utf8JsonWriter writer, McpState state, JsonPointer pointer, long offset, int room)
    {
        if (state.IsJson)
        {
            return Write(writer, JsonValue.Find(state.Bytes, pointer), pointer, offset, room - Frame);
        }

        if (pointer.Parts.Count > 0)
        {
            throw new InvalidRequestException("pointer", $"must be left out: the state is {state.ContentType}, and no JSON");
        }

        writer.WriteNumber("bytes", state.Bytes.Length);
        if (state.IsText)
        {
            writer.WriteString("kind", "text");
            return WriteText(writer, Encoding.UTF8.GetString(state.Bytes.Span), offset, room - Frame);
        }

        writer.WriteString("kind", "bytes");
        writer.WriteString("advice", "It is no text. Its bytes can be had over HTTP alone.");
        return null;
    }

    private static long? Write(Utf8JsonWriter writer, JsonValue value, JsonPointer pointer, long offset, int room)
    {
        writer.WriteString("kind", value.Kind);
        writer.WriteNumber("bytes", value.Json.Length);
        if (offset == 0 && value.CanStand && value.Json.Length <= room)
        {
            writer.WriteRaw("value", value.Json);
            return null;
        }

        switch (value.Type)
        {
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                return WriteParts(writer, value, pointer, offset, room);
            case JsonTokenType.String:
                return WriteText(writer, JsonText.Of(value.Json.Span), offset, room);
            default:
                // A number of very many digits, or nothing that is left.
                return WriteText(writer, Encoding.UTF8.GetString(value.Json.Span), offset, room);
        }
    }

    private static long? WriteParts(Utf8JsonWriter writer, JsonValue value, JsonPointer pointer, long offset, int room)
    {
        writer.WriteNumber("count", value.Count);
        writer.WriteStartArray("parts");
        long? next = null;
        var (used, first) = (0, true);
        value.Walk(offset, (place, name, part) =>
        {
            var told = TellPart(pointer, place, name, part, room / PartShare);
            used += told.Length + 1;
            if (used > room && !first)
            {
                next = place;
                return false;
            }

            writer.WriteRawValue(told, skipInputValidation: true);
            first = false;
            return true;
        });
        writer.WriteEndArray();
        writer.WriteString("advice", "It is too large to be told whole. Read what you need by its pointer.");
        return next;
    }

    private static byte[] TellPart(JsonPointer pointer, int place, string? name, JsonValue part, int room) => McpJson.Write(writer =>
    {
        writer.WriteStartObject();
        if (!(name?.Length > MaxName) && pointer.TryOf(name ?? place.ToString(CultureInfo.InvariantCulture)) is { } to)
        {
            writer.WriteString("pointer", to);
        }
        else if (name is not null)
        {
            writer.WriteString("name", name.Length > MaxName ? $"{JsonText.Cut(name, MaxName)}…" : name);
        }
        else
        {
            writer.WriteNumber("index", place);
        }

        if (part.CanStand && part.Json.Length <= room)
        {
            writer.WriteRaw("value", part.Json);
        }
        else
        {
            writer.WriteString("kind", part.Kind);
            writer.WriteNumber("bytes", part.Json.Length);
            if (part.Type == JsonTokenType.String)
            {
                writer.WriteString("begins", JsonText.Cut(JsonText.Of(part.Json.Span), Preview));
            }
            else if (part.Count > 0)
            {
                writer.WriteNumber("count", part.Count);
            }
        }

        writer.WriteEndObject();
    });

    private static long? WriteText(Utf8JsonWriter writer, string text, long offset, int room)
    {
        var from = (int)Math.Min(offset, text.Length);

        // Whoever made an offset up may have put it between the halves of a pair.
        from += from > 0 && from < text.Length && char.IsLowSurrogate(text[from]) ? 1 : 0;
        var piece = JsonText.Cut(text[from..Math.Min(text.Length, from + Math.Max(room, 1) + 1)], Math.Max(room, 1));
        while (McpJson.LengthOf(piece) > room && piece.Length > 2)
        {
            piece = JsonText.Cut(piece, piece.Length / 2);
        }

        writer.WriteNumber("characters", text.Length);
        writer.WriteNumber("from", from);
        writer.WriteString("text", piece);
        return from + piece.Length < text.Length ? from + piece.Length : null;
    }
}
