using System.Text.Json;
using Forge.Checkpoints;
using Forge.Documents.Json;
using Forge.Errors;

namespace Forge.Documents.Sessions;

/// <summary>The line of a pending write: how it is written, and how it is read.</summary>
internal static class WriteLine
{
    /// <summary>The first property, by which it is told from the line of a checkpoint.</summary>
    public const string First = "task";

    /// <summary>Writes the properties. The value stands as the JSON that it is, byte for byte, or else as base64.</summary>
    public static void Write(Utf8JsonWriter json, DocumentWrite write)
    {
        json.WriteString(First, write.Task);
        json.WriteNumber("index", write.Index);
        json.WriteString("name", write.Name);
        json.WriteString("contentType", write.ContentType);
        json.WriteString("at", write.At);
        json.WriteNumber("size", write.Size);
        json.WriteString("sha256", write.Checksum);
        if (CheckpointLine.CanStandAsJson(write.ContentType, write.Value))
        {
            json.WritePropertyName("value");
            json.WriteRawValue(write.Value.Span, skipInputValidation: true);
        }
        else
        {
            json.WriteBase64String("valueBase64", write.Value.Span);
        }
    }

    /// <summary>Reads the properties.</summary>
    /// <param name="reader">Stands before them.</param>
    /// <param name="sequence">The checkpoint that it is of.</param>
    /// <param name="document">The document whose line it is.</param>
    /// <exception cref="ImportRejectedException">One is missing, or is not what may stand there.</exception>
    /// <exception cref="InvalidRequestException">One is of another type, or not known.</exception>
    public static DocumentWrite Read(ref JsonObjectReader reader, long sequence, SessionDocumentReader document)
    {
        (string? task, long? index, string? name, string? contentType, string? checksum) = (null, null, null, null, null);
        (DateTimeOffset? at, long? size, byte[]? json, byte[]? bytes) = (null, null, null, null);
        while (reader.Next(out var called))
        {
            switch (called)
            {
                case First: task = reader.String(); break;
                case "index": index = reader.Integer(); break;
                case "name": name = reader.String(); break;
                case "contentType": contentType = reader.String(); break;
                case "at": at = document.ReadTime(ref reader); break;
                case "size": size = reader.Integer(); break;
                case "sha256": checksum = reader.String(); break;
                case "value": json = reader.Raw().ToArray(); break;
                case "valueBase64": bytes = reader.Base64(); break;
                default: reader.RefuseUnknown(); break;
            }
        }

        return new DocumentWrite
        {
            Sequence = sequence,
            Task = task ?? throw document.Missing(First),
            Index = index is >= NewWrite.MinIndex and <= NewWrite.MaxIndex and var place ? (int)place : throw document.Missing("index that can be one"),
            Name = name ?? throw document.Missing("name"),
            ContentType = contentType ?? throw document.Missing("contentType"),
            At = (at ?? throw document.Missing("at")).ToMicroseconds(),
            Size = size ?? throw document.Missing("size"),
            Checksum = checksum ?? throw document.Missing("sha256"),
            Value = json is null == bytes is null ? throw document.Rejected("must have either value or valueBase64") : json ?? bytes!,
        };
    }
}
