using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

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
            json.WriteNumber("version", header.Version);
            if (header.Address is { } address)
            {
                json.WriteString("tenant", address.Tenant.Value);
                json.WriteString("session", address.Session.Value);
            }

            json.WriteString("exportedAt", header.ExportedAt);
            json.WriteString("createdAt", header.CreatedAt);
            json.WriteNumber("count", header.Count);
            if (header.Writes > 0)
            {
                json.WriteNumber("writes", header.Writes);
            }

            json.WriteNumber("lastSequence", header.LastSequence);
            json.WriteNumber("lastPosition", header.LastPosition);
            json.WriteNumber("head", header.Head);
            json.WriteNumber("current", header.Current);
            if (header.Branches.Count > 0)
            {
                json.WriteStartArray("branches");
                foreach (var (branch, current) in header.Branches)
                {
                    json.WriteStartObject();
                    json.WriteString("branch", branch);
                    json.WriteNumber("current", current);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            if (header.Chain is { } chain)
            {
                json.WriteString("chain", Convert.ToHexStringLower(chain));
            }

            if (header.ClaimEpoch is { } epoch)
            {
                json.WriteNumber("claimEpoch", epoch);
            }

            if (header.Effects > 0)
            {
                json.WriteNumber("effects", header.Effects);
            }

            if (header.Origin is { } origin)
            {
                Write(json, origin);
            }

            if (header.IsEarlier)
            {
                json.WriteBoolean("earlier", true);
            }

            if (header.LeftOut is { } leftOut)
            {
                Write(json, leftOut);
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

    private static void Write(Utf8JsonWriter json, DocumentOrigin origin)
    {
        json.WriteStartObject("origin");
        json.WriteString("session", origin.Session.Value);
        json.WriteNumber("sequence", origin.Sequence);
        json.WriteString("id", origin.Id.Value);
        if (origin.Chain is { } chain)
        {
            json.WriteString("chain", Convert.ToHexStringLower(chain));
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LeftOut leftOut)
    {
        json.WriteStartObject("leftOut");
        json.WriteNumber("count", leftOut.Count);
        if (leftOut.Effects > 0)
        {
            json.WriteNumber("effects", leftOut.Effects);
        }

        json.WriteStartArray("checkpoints");
        foreach (var checkpoint in leftOut.Checkpoints)
        {
            json.WriteStartObject();
            json.WriteNumber("sequence", checkpoint.Sequence);
            json.WriteString("problem", checkpoint.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (leftOut.Writes > 0)
        {
            json.WriteNumber("writes", leftOut.Writes);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes one pending write of the checkpoint that was written last.</summary>
    public void Write(DocumentWrite write) => WriteLineOf(write, WriteLine.Write);

    /// <summary>Writes one effect. Effects come behind the checkpoints, by their keys in ordinal order.</summary>
    public void Write(DocumentEffect effect) => WriteLineOf(effect, EffectLine.Write);

    /// <summary>Writes one checkpoint.</summary>
    public void Write(DocumentCheckpoint checkpoint) => WriteLineOf(checkpoint, CheckpointLine.Write);

    private void WriteLineOf<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            write(json, value);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
