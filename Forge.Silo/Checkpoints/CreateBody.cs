using System.Text.Json;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Identity;
using Forge.Silo.Http;

namespace Forge.Silo.Checkpoints;

/// <summary>The JSON of a create.</summary>
/// <param name="Message">What the agent says of it.</param>
/// <param name="Tags">Tags.</param>
/// <param name="Trigger">Why it is taken; <c>manual</c> where nothing is said.</param>
/// <param name="State">The state: any JSON, kept byte for byte as it is sent.</param>
/// <param name="StateBase64">The state in base 64, in place of <paramref name="State"/>.</param>
/// <param name="ContentType">The media type of the state; that of JSON, or of plain bytes for base 64, where nothing is said.</param>
/// <param name="Id">The id, a UUID; made where it is left out. A repeat with the same id takes effect once.</param>
/// <param name="Parent">The checkpoint it follows, by id or sequence; the current one where nothing is said.</param>
/// <param name="ExpectedHead">The sequence that the head must have, 0 for a session without one; any where nothing is said.</param>
internal sealed record CreateBody(
    string Message,
    IReadOnlyList<string>? Tags = null,
    string? Trigger = null,
    JsonElement? State = null,
    string? StateBase64 = null,
    string? ContentType = null,
    Guid? Id = null,
    string? Parent = null,
    long? ExpectedHead = null)
{
    private const string Bytes = "application/octet-stream";

    /// <summary>Reads the JSON of a create. The state is a part of <paramref name="json"/>, never written anew.</summary>
    /// <param name="json">The bytes.</param>
    /// <param name="path">What goes before the names of properties in errors.</param>
    public static NewCheckpoint Parse(ReadOnlyMemory<byte> json, string path = "") =>
        JsonObjectReader.Read(json, path, (ref JsonObjectReader reader) => Parse(ref reader, path));

    /// <summary>Reads the name of a parent.</summary>
    public static CheckpointReference? ParseParent(string field, string? value)
    {
        try
        {
            return value is null ? null : CheckpointReference.Parse(value);
        }
        catch (InvalidRequestException exception)
        {
            throw new InvalidRequestException(field, "must be an id, a sequence number from 1 or 'latest'", exception);
        }
    }

    /// <summary>Reads an id.</summary>
    public static CheckpointId ParseId(string field, string? value) =>
        value is null ? default
        : CheckpointId.TryParse(value, out var id) ? id
        : throw new InvalidRequestException(field, "must be a UUID other than the nil one");

    private static NewCheckpoint Parse(ref JsonObjectReader reader, string path)
    {
        string? message = null, contentType = null;
        IReadOnlyList<string>? tags = null;
        CheckpointTrigger trigger = default;
        CheckpointId id = default;
        CheckpointReference? parent = null;
        long? expectedHead = null;
        ReadOnlyMemory<byte>? state = null;
        byte[]? bytes = null;
        while (reader.Next(out var name))
        {
            switch (name)
            {
                case "message": message = reader.String(); break;
                case "tags": tags = reader.Strings(); break;
                case "trigger": trigger = reader.String() is { } text ? CheckpointTriggerNames.Parse(text) : default; break;
                case "state": state = reader.Raw(); break;
                case "stateBase64": bytes = reader.Base64(); break;
                case "contentType": contentType = reader.String(); break;
                case "id": id = ParseId(reader.Field, reader.String()); break;
                case "parent": parent = ParseParent(reader.Field, reader.StringOrInteger()); break;
                case "expectedHead": expectedHead = reader.Integer(); break;
                default: reader.RefuseUnknown(); break;
            }
        }

        if (state is null == bytes is null)
        {
            throw new InvalidRequestException($"{path}state", "must be given once, as state or as stateBase64");
        }

        return new NewCheckpoint
        {
            Id = id,
            Message = message ?? throw new InvalidRequestException($"{path}message", "must be given"),
            Tags = tags ?? [],
            Trigger = trigger,
            State = state ?? bytes,
            ContentType = contentType ?? (bytes is null ? NewCheckpoint.DefaultContentType : Bytes),
            Parent = parent,
            ExpectedHead = expectedHead,
        };
    }
}
