using System.Text.Json;
using System.Text.Unicode;
using Forge.Checkpoints;
using Forge.Documents.Json;
using Forge.Errors;
using Forge.Identity;

namespace Forge.Documents.Sessions;

/// <summary>The line of a checkpoint: how it is written, how it is read, and what is asked for by taking it in.</summary>
internal static class CheckpointLine
{
    /// <summary>Writes the properties. The state stands as the JSON that it is, byte for byte, or else as base64.</summary>
    public static void Write(Utf8JsonWriter json, DocumentCheckpoint checkpoint)
    {
        var summary = checkpoint.Summary;
        json.WriteNumber("sequence", summary.Sequence);
        json.WriteString("id", summary.Id.Value);
        json.WriteString("createdAt", summary.CreatedAt);
        json.WriteNumber("parent", summary.Parent ?? 0);
        if (summary.Branch != BranchNames.Main)
        {
            json.WriteString("branch", summary.Branch);
        }

        if (summary.Requires.Count > 0)
        {
            json.WriteStartArray("requires");
            foreach (var required in summary.Requires)
            {
                json.WriteNumberValue(required);
            }

            json.WriteEndArray();
        }

        json.WriteString("message", summary.Message);
        WriteTags(json, "tags", summary.Tags);
        if (checkpoint.FirstTags is { } first)
        {
            WriteTags(json, "firstTags", first);
        }

        json.WriteString("trigger", summary.Trigger.ToName());
        json.WriteString("contentType", summary.ContentType);
        json.WriteNumber("size", summary.Size);
        json.WriteString("sha256", summary.Checksum);
        if (checkpoint.Trunk)
        {
            json.WriteBoolean("trunk", true);
        }

        WriteAnnotations(json, checkpoint.Annotations);
        if (CanStandAsJson(summary.ContentType, checkpoint.State))
        {
            json.WritePropertyName("state");
            json.WriteRawValue(checkpoint.State.Span, skipInputValidation: true);
        }
        else
        {
            json.WriteBase64String("stateBase64", checkpoint.State.Span);
        }
    }

    /// <summary>Reads the properties. Whether they fit the lines around them is the caller's to see.</summary>
    /// <param name="reader">Stands before them.</param>
    /// <param name="document">The document whose line it is.</param>
    /// <exception cref="ImportRejectedException">One is missing, or is not what may stand there.</exception>
    /// <exception cref="InvalidRequestException">One is of another type, or not known.</exception>
    /// <exception cref="OverLimitException">There are too many tags or annotations, or it requires too many.</exception>
    public static DocumentCheckpoint Read(ref JsonObjectReader reader, SessionDocumentReader document)
    {
        (long? sequence, long? parent, long? size) = (null, null, null);
        (string? id, string? message, string? trigger, string? contentType, string? checksum) = (null, null, null, null, null);
        (string? branch, IReadOnlyList<long> requires) = (null, []);
        (IReadOnlyList<string>? tags, IReadOnlyList<string>? firstTags, List<Annotation> notes) = (null, null, []);
        (DateTimeOffset? createdAt, byte[]? json, byte[]? bytes, bool trunk) = (null, null, null, false);
        while (reader.Next(out var name))
        {
            switch (name)
            {
                case "sequence": sequence = reader.Integer(); break;
                case "id": id = reader.String(); break;
                case "createdAt": createdAt = document.ReadTime(ref reader); break;
                case "parent": parent = reader.Integer(); break;
                case "branch": branch = reader.String(); break;
                case "requires": requires = reader.Integers(document.Limits.Requires); break;
                case "message": message = reader.String(); break;
                case "tags": tags = reader.Strings(document.Limits.Tags); break;
                case "firstTags": firstTags = reader.Strings(document.Limits.Tags) ?? throw document.Missing(name); break;
                case "trigger": trigger = reader.String(); break;
                case "contentType": contentType = reader.String(); break;
                case "size": size = reader.Integer(); break;
                case "sha256": checksum = reader.String(); break;
                case "trunk": trunk = reader.Boolean(); break;
                case "annotations":
                    notes = reader.Objects((ref note) => ReadAnnotation(ref note, document), document.Limits.Annotations);
                    break;
                case "state": json = reader.Raw().ToArray(); break;
                case "stateBase64": bytes = reader.Base64(); break;
                default: reader.RefuseUnknown(); break;
            }
        }

        return new DocumentCheckpoint
        {
            Summary = new CheckpointSummary
            {
                Sequence = sequence ?? throw document.Missing("sequence"),
                Parent = parent ?? throw document.Missing("parent"),
                CreatedAt = (createdAt ?? throw document.Missing("createdAt")).ToMicroseconds(),
                Id = CheckpointId.Parse(id ?? throw document.Missing("id")),
                Branch = branch ?? BranchNames.Main,
                Requires = requires,
                Message = message ?? throw document.Missing("message"),
                Tags = tags ?? throw document.Missing("tags"),
                Trigger = CheckpointTriggerNames.Parse(trigger ?? throw document.Missing("trigger")),
                ContentType = contentType ?? throw document.Missing("contentType"),

                // What no state can have is none that any state has.
                Size = (int)Math.Clamp(size ?? throw document.Missing("size"), -1, int.MaxValue),
                Checksum = checksum ?? throw document.Missing("sha256"),
            },
            State = json is null == bytes is null ? throw document.Rejected("must have either state or stateBase64") : json ?? bytes!,
            FirstTags = firstTags,
            Trunk = trunk,
            Annotations = notes,
        };
    }

    /// <summary>The create that taking a line in asks for, to be checked as one of a caller's.</summary>
    public static NewCheckpoint ToInput(DocumentCheckpoint checkpoint) => new()
    {
        Id = checkpoint.Summary.Id,
        Branch = checkpoint.Summary.Branch,
        Requires = [.. checkpoint.Summary.Requires.Select(CheckpointReference.BySequence)],
        Message = checkpoint.Summary.Message,
        Tags = checkpoint.Summary.Tags,
        Trigger = checkpoint.Summary.Trigger,
        ContentType = checkpoint.Summary.ContentType,
        State = checkpoint.State,
    };

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

    private static Annotation ReadAnnotation(ref JsonObjectReader reader, SessionDocumentReader document)
    {
        (long? position, long? severity, string? text, DateTimeOffset? at) = (null, null, null, null);
        while (reader.Next(out var name))
        {
            switch (name)
            {
                case "position": position = reader.Integer(); break;
                case "at": at = document.ReadTime(ref reader); break;
                case "severity": severity = reader.Integer(); break;
                case "text": text = reader.String(); break;
                default: reader.RefuseUnknown(); break;
            }
        }

        return new Annotation(
            position ?? throw document.Missing("position"),
            (at ?? throw document.Missing("at")).ToMicroseconds(),
            severity is >= 0 and <= short.MaxValue and var number ? (AnnotationSeverity)number : throw document.Missing("severity"),
            text ?? throw document.Missing("text"));
    }

    /// <summary>True if a reader of the line finds the very bytes again: one JSON value, on one line, with nothing around
    /// it, that the reader's rules for a line leave whole.</summary>
    public static bool CanStandAsJson(string contentType, ReadOnlyMemory<byte> state)
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
