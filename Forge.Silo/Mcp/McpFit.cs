using System.Globalization;
using System.Text.Json;

namespace Forge.Silo.Mcp;

/// <summary>Shortens JSON that is larger than an answer may be: texts are cut, and of arrays and objects the first are told.</summary>
internal static class McpFit
{
    /// <summary>How many characters of a text, and how many items and members, are left at each try.</summary>
    private static readonly (int Characters, int Items)[] Tries = [(1_000, 100), (250, 30), (60, 10), (20, 3)];

    /// <summary>An object as it is, or shortened if it takes more bytes or can't be told as it is; then it says so.</summary>
    /// <param name="json">The object.</param>
    /// <param name="bytes">The most bytes, 100 or more.</param>
    public static ReadOnlyMemory<byte> Shorten(ReadOnlyMemory<byte> json, int bytes)
    {
        var value = JsonValue.Find(json, JsonPointer.Whole);
        if (value.Json.Length <= bytes && value.CanStand)
        {
            return value.Json;
        }

        foreach (var (characters, items) in Tries)
        {
            var shortened = McpJson.Write(writer => WriteRoot(writer, value, characters, items));
            if (shortened.Length <= bytes)
            {
                return shortened;
            }
        }

        return McpJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteBoolean("shortened", true);
            writer.WriteNumber("bytes", value.Json.Length);
            writer.WriteEndObject();
        });
    }

    /// <summary>The same with a text that is told whole, whatever becomes of the rest.</summary>
    /// <param name="json">The object.</param>
    /// <param name="bytes">The most bytes of all.</param>
    /// <param name="name">The text's property, which is the first.</param>
    /// <param name="text">The text; null for none.</param>
    public static ReadOnlyMemory<byte> Shorten(ReadOnlyMemory<byte> json, int bytes, string name, string? text)
    {
        if (text is null)
        {
            return Shorten(json, bytes);
        }

        var rest = Shorten(json, bytes - McpJson.LengthOf(name) - McpJson.LengthOf(text) - 2);
        return McpJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString(name, text);
            writer.WriteMembers(rest);
            writer.WriteEndObject();
        });
    }

    private static void WriteRoot(Utf8JsonWriter writer, JsonValue root, int characters, int items)
    {
        writer.WriteStartObject();
        root.Walk(0, (_, name, value) =>
        {
            writer.WritePropertyName(CutOf(name!, characters));
            Write(writer, value, characters, items, level: 1);
            return true;
        });
        writer.WriteBoolean("shortened", true);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, JsonValue value, int characters, int items, int level)
    {
        switch (value.Type)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray when level > McpJson.MaxDepth:
                writer.WriteStringValue($"… {Number(value.Json.Length)} bytes");
                break;
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                value.Walk(0, (place, name, member) =>
                {
                    if (place == items)
                    {
                        writer.WriteString("…", $"{Number(value.Count - items)} more");
                        return false;
                    }

                    writer.WritePropertyName(CutOf(name!, characters));
                    Write(writer, member, characters, items, level + 1);
                    return true;
                });
                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                value.Walk(0, (place, _, item) =>
                {
                    if (place == items)
                    {
                        writer.WriteStringValue($"… {Number(value.Count - items)} more");
                        return false;
                    }

                    Write(writer, item, characters, items, level + 1);
                    return true;
                });
                writer.WriteEndArray();
                break;
            case JsonTokenType.String:
                writer.WriteStringValue(CutOf(JsonText.Of(value.Json.Span), characters));
                break;
            case JsonTokenType.Number when value.Json.Length > characters:
                writer.WriteStringValue($"… a number of {Number(value.Json.Length)} digits");
                break;
            default:
                writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
                break;
        }
    }

    private static string CutOf(string text, int characters) =>
        text.Length <= characters ? text : $"{JsonText.Cut(text, characters)}… {Number(text.Length - characters)} more characters";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
