using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Forge.Checkpoints;

namespace Forge.Documents.Sessions;

/// <summary>Writes the lines of a session's document into a buffer.</summary>
internal sealed class SessionDocumentWriter(IBufferWriter<byte> output)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(DocumentHeader header)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("forge", SessionDocument.Kind);
            json.WriteNumber("version", SessionDocument.Version);
            if (header.Address is { } address)
            {
                json.WriteString("tenant", address.Tenant.Value);
                json.WriteString("session", address.Session.Value);
            }

            json.WriteString("exportedAt", header.ExportedAt);
            json.WriteString("createdAt", header.CreatedAt);
            json.WriteNumber("count", header.Count);
            json.WriteNumber("lastSequence", header.LastSequence);
            json.WriteNumber("lastPosition", header.LastPosition);
            json.WriteNumber("head", header.Head);
            json.WriteNumber("current", header.Current);
            if (header.Chain is { } chain)
            {
                json.WriteString("chain", Convert.ToHexStringLower(chain));
            }

            if (header.Settings is { } settings)
            {
                json.WritePropertyName("settings");
                json.WriteRawValue(settings);
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Writes one checkpoint. Its state stands as the JSON that it is, byte for byte, or else as base64.</summary>
    public void Write(DocumentCheckpoint checkpoint)
    {
        var state = checkpoint.State;
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("sequence", checkpoint.Sequence);
            json.WriteString("id", checkpoint.Id.Value);
            json.WriteString("createdAt", checkpoint.CreatedAt);
            json.WriteNumber("parent", checkpoint.Parent);
            json.WriteString("message", checkpoint.Message);
            WriteTags(json, "tags", checkpoint.Tags);
            if (checkpoint.FirstTags is { } first)
            {
                WriteTags(json, "firstTags", first);
            }

            json.WriteString("trigger", checkpoint.Trigger.ToName());
            json.WriteString("contentType", checkpoint.ContentType);
            json.WriteNumber("size", checkpoint.Size);
            json.WriteString("sha256", checkpoint.Checksum);
            if (checkpoint.Trunk)
            {
                json.WriteBoolean("trunk", true);
            }

            WriteAnnotations(json, checkpoint.Annotations);
            if (CanStandAsJson(checkpoint.ContentType, state))
            {
                json.WritePropertyName("state");
                json.WriteRawValue(state.Span, skipInputValidation: true);
            }
            else
            {
                json.WriteBase64String("stateBase64", state.Span);
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteTags(Utf8JsonWriter json, string name, IReadOnlyList<string> tags)
    {
        json.WriteStartArray(name);
        foreach (var tag in tags)
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
    }

    private static void WriteAnnotations(Utf8JsonWriter json, IReadOnlyList<Annotation> annotations)
    {
        if (annotations.Count == 0)
        {
            return;
        }

        json.WriteStartArray("annotations");
        foreach (var note in annotations)
        {
            json.WriteStartObject();
            json.WriteNumber("position", note.Position);
            json.WriteString("at", note.At);
            json.WriteNumber("severity", (int)note.Severity);
            json.WriteString("text", note.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>True if a reader of the line finds the very bytes again: one JSON value, on one line, with nothing around
    /// it, that the reader's rules for a line leave whole.</summary>
    private static bool CanStandAsJson(string contentType, ReadOnlyMemory<byte> state)
    {
        var bytes = state.Span;
        if (!contentType.StartsWith(NewCheckpoint.DefaultContentType, StringComparison.OrdinalIgnoreCase)
            || bytes.ContainsAny((byte)'\n', (byte)'\r')
            || bytes[0] is (byte)' ' or (byte)'\t' || bytes[^1] is (byte)' ' or (byte)'\t'
            || !Utf8.IsValid(bytes))
        {
            return false;
        }

        try
        {
            using var parsed = JsonDocument.Parse(state, SessionDocument.StateOptions);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half a surrogate pair in a name is the second of these.
            return false;
        }
    }
}
