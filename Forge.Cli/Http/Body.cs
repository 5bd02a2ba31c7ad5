using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Forge.Cli.Http;

/// <summary>The body of a request, which can be sent again.</summary>
/// <param name="bytes">The body.</param>
/// <param name="contentType">Its media type.</param>
internal sealed class Body(ReadOnlyMemory<byte> bytes, string contentType)
{
    /// <summary>A JSON object.</summary>
    public static Body Object(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1_000 }))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return new Body(buffer.WrittenMemory, "application/json");
    }

    /// <summary>The content of one attempt.</summary>
    public HttpContent ToContent()
    {
        var content = new ReadOnlyMemoryContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }
}

/// <summary>Properties of a body that may not have been given.</summary>
internal static class BodyWriterExtensions
{
    /// <summary>Writes a text, or nothing if there is none.</summary>
    public static void Optional(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>Writes a number, or nothing if there is none.</summary>
    public static void Optional(this Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    /// <summary>Writes <c>true</c>, or nothing.</summary>
    public static void Flag(this Utf8JsonWriter writer, string name, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(name, true);
        }
    }

    /// <summary>Writes texts, or nothing if there are none.</summary>
    public static void Texts(this Utf8JsonWriter writer, string name, IReadOnlyCollection<string> values)
    {
        if (values.Count > 0)
        {
            writer.WriteStartArray(name);
            foreach (var value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }
    }
}
