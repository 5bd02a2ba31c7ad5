using System.Text;
using System.Text.Json;
using Forge.Errors;

namespace Forge.Silo.Rpc;

/// <summary>A property of an object, as it was sent.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its value begins with.</param>
/// <param name="Json">The bytes of its value.</param>
internal readonly record struct RpcMember(string Name, JsonTokenType Type, ReadOnlyMemory<byte> Json)
{
    /// <summary>The texts that stand for it where HTTP has texts, in a path or a query; none for a JSON null.</summary>
    /// <exception cref="InvalidRequestException">It is an object, or holds one, or is no Unicode.</exception>
    public IReadOnlyList<string> Texts()
    {
        if (Type == JsonTokenType.Null)
        {
            return [];
        }

        var reader = new Utf8JsonReader(Json.Span);
        reader.Read();
        if (Type != JsonTokenType.StartArray)
        {
            return [Text(ref reader)];
        }

        List<string> texts = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            texts.Add(Text(ref reader));
        }

        return texts;
    }

    /// <summary>The one text that stands for it; null for a JSON null.</summary>
    /// <exception cref="InvalidRequestException">It is something else than a string, a number, true or false.</exception>
    public string? Single() => Type == JsonTokenType.StartArray
        ? throw new InvalidRequestException(Name, "must be a string or a number")
        : Texts() is [var text] ? text : null;

    private string Text(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                try
                {
                    return reader.GetString()!;
                }
                catch (InvalidOperationException exception)
                {
                    // Half of a surrogate pair.
                    throw new InvalidRequestException(Name, "must be valid Unicode", exception);
                }

            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                return Encoding.UTF8.GetString(reader.ValueSpan);
            default:
                throw new InvalidRequestException(Name, "must be a string or a number");
        }
    }
}
