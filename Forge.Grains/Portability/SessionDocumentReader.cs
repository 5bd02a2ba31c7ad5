using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.History;
using Forge.Grains.Sessions;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Portability;

/// <summary>Reads the lines of a session's document, one at a time, and refuses whatever could not have been written.</summary>
/// <param name="rules">The limits of the silo.</param>
/// <param name="stateBytes">The greatest state of the tenant; null for the silo's limit alone.</param>
/// <param name="now">The time that nothing in the document may be much later than.</param>
internal sealed class SessionDocumentReader(SessionRules rules, int? stateBytes, DateTimeOffset now)
{
    private readonly DateTimeOffset _latest = now + SessionDocument.ClockTolerance;
    private long _line;
    private long _lastSequence;
    private DateTimeOffset _lastCreatedAt;

    /// <summary>How many checkpoint lines were read.</summary>
    public long Count => Math.Max(0, _line - 1);

    /// <summary>The header; null before the first line.</summary>
    public DocumentHeader? Header { get; private set; }

    /// <summary>Reads the next line, without its line feed; null for the header.</summary>
    /// <exception cref="ImportRejectedException">The line is not what may stand here.</exception>
    public StoredCheckpoint? Read(ReadOnlyMemory<byte> line)
    {
        _line++;
        try
        {
            using var document = JsonDocument.Parse(line, SessionDocument.LineOptions);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Rejected("is not a JSON object");
            }

            if (Header is null)
            {
                Header = ReadHeader(document.RootElement);
                return null;
            }

            return ReadCheckpoint(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException
            or KeyNotFoundException or OverflowException)
        {
            throw Rejected(exception.Message.TrimEnd('.'), exception);
        }
        catch (ForgeException exception) when (exception is InvalidRequestException or LimitExceededException)
        {
            throw Rejected(exception.Message.TrimEnd('.'), exception);
        }
    }

    /// <summary>Says that the document ended.</summary>
    /// <exception cref="ImportRejectedException">It is shorter or longer than its header says.</exception>
    public void End()
    {
        if (Header is null)
        {
            throw new ImportRejectedException(0, "it is empty");
        }

        if (Count != Header.Count)
        {
            throw new ImportRejectedException(0, $"it has {Count} checkpoints where its header says {Header.Count}");
        }
    }

    private DocumentHeader ReadHeader(JsonElement line)
    {
        if (!line.TryGetProperty("forge", out var kind) || kind.ValueKind != JsonValueKind.String
            || kind.GetString() != SessionDocument.Kind)
        {
            throw Rejected("is not the header of a session's export");
        }

        var version = line.GetProperty("version").GetInt32();
        if (version != SessionDocument.Version)
        {
            throw Rejected($"has version {version}; this silo reads version {SessionDocument.Version}");
        }

        RequireKnown(line,
            ["forge", "version", "tenant", "session", "exportedAt", "createdAt", "count", "lastSequence", "lastPosition", "head", "current",
            "settings"]);
        RequireNotFuture("exportedAt", line.GetProperty("exportedAt").GetDateTimeOffset());
        var header = new DocumentHeader
        {
            CreatedAt = RequireNotFuture("createdAt", line.GetProperty("createdAt").GetDateTimeOffset()),
            Count = line.GetProperty("count").GetInt64(),
            LastSequence = line.GetProperty("lastSequence").GetInt64(),
            LastPosition = line.GetProperty("lastPosition").GetInt64(),
            Current = line.GetProperty("current").GetInt64(),
            Settings = line.TryGetProperty("settings", out var settings)
                ? SessionSettingsJson.Write(rules.CheckSettings(SessionSettingsJson.Read(settings.GetRawText())))
                : null,
        };
        return header.Count >= 0 && header.LastSequence >= header.Count && header.LastSequence < long.MaxValue / 2
            && header.LastPosition is >= 0 and < long.MaxValue / 2
            && header.Current >= 0 && header.Current <= header.LastSequence
            ? header
            : throw Rejected("has counts or sequences that do not fit each other");
    }

    private StoredCheckpoint ReadCheckpoint(JsonElement line)
    {
        RequireKnown(line,
            ["sequence", "id", "createdAt", "parent", "message", "tags", "firstTags", "trigger", "contentType", "size", "sha256",
            "trunk", "annotations", "state", "stateBase64"]);
        if (Count > Header!.Count)
        {
            throw Rejected($"comes after the {Header.Count} checkpoints that the header says");
        }

        var sequence = line.GetProperty("sequence").GetInt64();
        var parent = line.GetProperty("parent").GetInt64();
        if (sequence <= _lastSequence || sequence > Header.LastSequence || parent < 0 || parent >= sequence)
        {
            throw Rejected($"has sequence {sequence} and parent {parent}; sequences rise, up to {Header.LastSequence}, and a parent comes before");
        }

        var createdAt = RequireNotFuture("createdAt", line.GetProperty("createdAt").GetDateTimeOffset()).ToMicroseconds();
        if (createdAt < _lastCreatedAt)
        {
            throw Rejected("was created before the checkpoint above it");
        }

        (_lastSequence, _lastCreatedAt) = (sequence, createdAt);
        var state = ReadState(line);
        var command = rules.ToCommand(default, new NewCheckpoint
        {
            Id = CheckpointId.Parse(line.GetProperty("id").GetString()!),
            Message = line.GetProperty("message").GetString()!,
            Tags = ReadTags(line.GetProperty("tags")),
            Trigger = CheckpointTriggerNames.Parse(line.GetProperty("trigger").GetString()!),
            ContentType = line.GetProperty("contentType").GetString()!,
            State = state,
        }, stateBytes, () => throw Rejected("has no id"));
        if (!line.GetProperty("sha256").ValueEquals(Convert.ToHexStringLower(command.Checksum))
            || line.GetProperty("size").GetInt32() != state.Length)
        {
            throw Rejected("has a state that is not the one its sha256 and size were taken of");
        }

        return new StoredCheckpoint
        {
            Sequence = sequence,
            Id = command.Id,
            CreatedAt = createdAt,
            // The import has one event of its own; what it brought has none.
            Position = 0,
            Parent = parent,
            Message = command.Message,
            Tags = command.Tags,
            FirstTags = line.TryGetProperty("firstTags", out var first) ? rules.CheckTags("firstTags", ReadTags(first)) : null,
            Trigger = command.Trigger,
            ContentType = command.ContentType,
            Size = state.Length,
            Checksum = command.Checksum,
            StoredSize = state.Length,
            Stored = state,
            Trunk = line.TryGetProperty("trunk", out var trunk) && trunk.GetBoolean(),
            Annotations = line.TryGetProperty("annotations", out var notes) ? ReadAnnotations(notes) : [],
        };
    }

    private byte[] ReadState(JsonElement line)
    {
        var raw = line.TryGetProperty("state", out var json);
        var encoded = line.TryGetProperty("stateBase64", out var base64);
        return raw == encoded ? throw Rejected("must have either state or stateBase64")
            : raw ? JsonMarshal.GetRawUtf8Value(json).ToArray()
            : base64.GetBytesFromBase64();
    }

    private List<Annotation> ReadAnnotations(JsonElement notes)
    {
        var read = new List<Annotation>(notes.GetArrayLength());
        foreach (var note in notes.EnumerateArray())
        {
            RequireKnown(note, ["position", "at", "severity", "text"]);
            var (severity, text) = ((AnnotationSeverity)note.GetProperty("severity").GetInt16(), note.GetProperty("text").GetString()!);
            rules.RequireAnnotation(severity, text);
            var position = note.GetProperty("position").GetInt64();
            if (position < 0 || position > Header!.LastPosition || (read.Count > 0 && position <= read[^1].Position))
            {
                throw Rejected("has annotations whose positions do not rise, or pass the header's");
            }

            read.Add(new Annotation(
                position, RequireNotFuture("at", note.GetProperty("at").GetDateTimeOffset()).ToMicroseconds(), severity, text));
        }

        return read;
    }

    private static string[] ReadTags(JsonElement tags) => [.. tags.EnumerateArray().Select(t => t.GetString()!)];

    private void RequireKnown(JsonElement line, ReadOnlySpan<string> names)
    {
        foreach (var property in line.EnumerateObject())
        {
            if (!names.Contains(property.Name))
            {
                throw Rejected($"has a property '{property.Name}' that version {SessionDocument.Version} does not know");
            }
        }
    }

    private DateTimeOffset RequireNotFuture(string field, DateTimeOffset time) =>
        time <= _latest ? time : throw Rejected($"has {field} {time:O}, which is in the future");

    private ImportRejectedException Rejected(string problem, Exception? cause = null) => new(_line, problem, cause);
}
