using System.Text.Json;
using Forge.Errors;

namespace Forge.Silo.Mcp;

/// <summary>
/// A value inside a JSON document, where it stands. A document may be large and deep: it is walked, once for each question, and nothing is
/// made of it.
/// </summary>
/// <param name="Json">Its bytes.</param>
/// <param name="Type">What it begins with.</param>
/// <param name="Count">How many items or members it has; 0 for what is no array and no object.</param>
/// <param name="Depth">How many levels are below it.</param>
/// <param name="IsText">False if it holds half of a surrogate pair, so that it can't be told as it is.</param>
internal readonly record struct JsonValue(ReadOnlyMemory<byte> Json, JsonTokenType Type, int Count, int Depth, bool IsText)
{
    private const int AnyDepth = 1_000_000;

    /// <summary>True if it can stand in an answer as it is.</summary>
    public bool CanStand => IsText && Depth <= McpJson.MaxDepth;

    /// <summary>What it is: <c>object</c>, <c>array</c>, <c>string</c>, <c>number</c>, <c>boolean</c> or <c>null</c>.</summary>
    public string Kind => Type switch
    {
        JsonTokenType.StartObject => "object",
        JsonTokenType.StartArray => "array",
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.Null => "null",
        _ => "boolean",
    };

    /// <summary>The value that a pointer names in a document; of a name that an object has twice, the first.</summary>
    /// <param name="document">The document, which is valid JSON.</param>
    /// <param name="pointer">The pointer.</param>
    /// <exception cref="InvalidRequestException">It names nothing.</exception>
    public static JsonValue Find(ReadOnlyMemory<byte> document, JsonPointer pointer)
    {
        var reader = Read(document);
        for (var i = 0; i < pointer.Parts.Count; i++)
        {
            if (!Enter(ref reader, pointer.Parts[i]))
            {
                throw pointer.NamesNothing(i);
            }
        }

        return Take(ref reader, document);
    }

    /// <summary>The items of an array or the members of an object, one after the other, until it is told to stop.</summary>
    /// <param name="from">How many are passed over.</param>
    /// <param name="visit">Is told the place, the name (of a member, else null) and the value; false to stop.</param>
    public void Walk(long from, Func<int, string?, JsonValue, bool> visit)
    {
        if (Type is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
        {
            return;
        }

        var reader = Read(Json);
        var place = 0;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
        {
            string? name = null;
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                name = place < from ? null : NameOf(ref reader);
                reader.Read();
            }

            if (place < from)
            {
                reader.Skip();
            }
            else if (!visit(place, name, Take(ref reader, Json)))
            {
                return;
            }

            place++;
        }
    }

    /// <summary>A reader at the first token.</summary>
    private static Utf8JsonReader Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = AnyDepth });
        reader.Read();
        return reader;
    }

    /// <summary>Goes from a container to one of its children; false if it has none of this name.</summary>
    private static bool Enter(ref Utf8JsonReader reader, string part)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = (!reader.ValueIsEscaped || JsonText.IsUnicode(reader.ValueSpan)) && reader.ValueTextEquals(part);
                reader.Read();
                if (isIt)
                {
                    return true;
                }

                reader.Skip();
            }

            return false;
        }

        if (reader.TokenType != JsonTokenType.StartArray || JsonPointer.IndexOf(part) is not { } index)
        {
            return false;
        }

        for (var i = 0L; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == index)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <summary>The value that the reader is at the beginning of, which it goes to the end of.</summary>
    private static JsonValue Take(ref Utf8JsonReader reader, ReadOnlyMemory<byte> document)
    {
        var (type, start, level) = (reader.TokenType, checked((int)reader.TokenStartIndex), reader.CurrentDepth);
        var (count, deepest, isText) = (0, level, IsTextual(ref reader));
        if (type is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.CurrentDepth > level)
            {
                var depth = reader.CurrentDepth;
                var begins = reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.EndArray or JsonTokenType.EndObject);
                count += depth == level + 1 && begins ? 1 : 0;
                deepest = Math.Max(deepest, depth);
                isText &= IsTextual(ref reader);
            }
        }

        return new JsonValue(document[start..checked((int)reader.BytesConsumed)], type, count, deepest - level, isText);
    }

    private static bool IsTextual(ref Utf8JsonReader reader) =>
        reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped || JsonText.IsUnicode(reader.ValueSpan);

    private static string NameOf(ref Utf8JsonReader reader) => reader.ValueIsEscaped && !JsonText.IsUnicode(reader.ValueSpan)
        ? JsonText.Of((byte[])[(byte)'"', .. reader.ValueSpan, (byte)'"'])
        : reader.GetString()!;
}
