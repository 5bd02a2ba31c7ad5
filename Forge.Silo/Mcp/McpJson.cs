using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Forge.Silo.Mcp;

/// <summary>JSON as models are given it: no more is escaped than JSON itself needs.</summary>
internal static class McpJson
{
    /// <summary>How deep a value may be nested that is told as it is; what reads JSON may take 64 levels, and an answer is in some itself.</summary>
    public const int MaxDepth = 32;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What is written.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a property that is JSON already.</summary>
    public static void WriteRaw(this Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json.Span, skipInputValidation: true);
    }

    /// <summary>Writes the members of an object but for some, and for those that are null.</summary>
    public static void WriteMembers(this Utf8JsonWriter writer, ReadOnlyMemory<byte> json, params ReadOnlySpan<string> leaveOut)
    {
        var left = leaveOut.ToArray();
        JsonValue.Find(json, JsonPointer.Whole).Walk(0, (_, name, value) =>
        {
            if (value.Type != JsonTokenType.Null && !left.Contains(name))
            {
                writer.WriteRaw(name!, value.Json);
            }

            return true;
        });
    }

    /// <summary>The bytes that a text takes in JSON.</summary>
    public static int LengthOf(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.Length + 2;
}
