using Forge.Checkpoints;
using Forge.Documents.Json;
using Forge.Errors;

namespace Forge.Documents.Earlier;

/// <summary>A checkpoint as the earlier tool's document has it.</summary>
internal sealed record EarlierCheckpoint
{
    /// <summary>How deep the document may be nested: as deep as the tool itself could write.</summary>
    public const int MaxDepth = 128;

    private const int MaxText = 400;
    private const int MaxUnknown = 1000;

    public required long Number { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The time as it was written.</summary>
    public required string Timestamp { get; init; }

    public string? Id { get; init; }

    public string? Session { get; init; }

    public string? Message { get; init; }

    public string? Checksum { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public CheckpointTrigger Trigger { get; init; }

    /// <summary>The state, the very bytes; part of what it was read from.</summary>
    public required ReadOnlyMemory<byte> State { get; init; }

    /// <param name="json">The object.</param>
    /// <param name="tags">The most tags.</param>
    /// <param name="ignore">Is told each property that is not known.</param>
    /// <exception cref="InvalidRequestException">It is not such an object.</exception>
    /// <exception cref="OverLimitException">It has too many tags.</exception>
    public static EarlierCheckpoint Parse(ReadOnlyMemory<byte> json, int tags, Action<string> ignore) =>
        JsonObjectReader.Read(json, "", (ref JsonObjectReader reader) => Read(ref reader, tags, ignore), MaxDepth);

    private static EarlierCheckpoint Read(ref JsonObjectReader reader, int tags, Action<string> ignore)
    {
        (long? number, DateTimeOffset? at, ReadOnlyMemory<byte>? state) = (null, null, null);
        (string? id, string? session, string? message, string? checksum) = (null, null, null, null);
        var unknown = 0;
        (IReadOnlyList<string>? labels, CheckpointTrigger trigger, string? timestamp) = (null, CheckpointTrigger.Manual, null);
        while (reader.Next(out var name))
        {
            switch (name)
            {
                case "sequence_number": number = reader.Integer(); break;
                case "timestamp": (at, timestamp) = (reader.Time(), reader.String()); break;
                case "id": id = Short(ref reader); break;
                case "session_id": session = Short(ref reader); break;
                case "checksum": checksum = Short(ref reader); break;
                case "message": message = reader.String(); break;
                case "tags": labels = reader.Strings(tags); break;
                case "trigger": trigger = ReadTrigger(ref reader); break;
                case "state": state = reader.Raw(); break;
                default:
                    if (++unknown > MaxUnknown)
                    {
                        // What is known of a name costs more than the name.
                        throw new OverLimitException("properties", MaxUnknown, unknown, "unknown ones");
                    }

                    ignore(name);
                    reader.Raw();
                    break;
            }
        }

        return new EarlierCheckpoint
        {
            Number = number is null or >= 0
                ? number ?? throw new InvalidRequestException("sequence_number", "must be given")
                : throw new InvalidRequestException("sequence_number", "must not be negative"),
            At = at ?? throw new InvalidRequestException("timestamp", "must be given"),
            Timestamp = timestamp!,
            State = state ?? throw new InvalidRequestException("state", "must be given"),
            Id = id,
            Session = session,
            Message = message,
            Checksum = checksum,
            Tags = labels ?? [],
            Trigger = trigger,
        };
    }

    /// <summary><c>"Manual"</c>, <c>"Scheduled"</c>, or an object with the reason of an automatic one.</summary>
    private static CheckpointTrigger ReadTrigger(ref JsonObjectReader reader)
    {
        if (!reader.IsObject)
        {
            var trigger = reader.String() is { } name ? CheckpointTriggerNames.Parse(name) : CheckpointTrigger.Manual;
            return trigger.IsAutomatic()
                ? throw new InvalidRequestException("trigger", "must have its reason in an object, as in {\"Automatic\": \"ToolCall\"}")
                : trigger;
        }

        return JsonObjectReader.Read(reader.Raw(), "trigger.", (ref JsonObjectReader inner) =>
        {
            string? reason = null;
            while (inner.Next(out var name))
            {
                reason = name == "Automatic"
                    ? inner.String()
                    : throw new InvalidRequestException(inner.Field, "must be Automatic");
            }

            var trigger = CheckpointTriggerNames.Parse(reason!);
            return trigger.IsAutomatic() ? trigger : throw new InvalidRequestException("trigger", "is not automatic");
        });
    }

    /// <summary>What is kept beside the checkpoint must leave room for the rest of it.</summary>
    private static string? Short(ref JsonObjectReader reader)
    {
        var text = reader.String();
        return text is not { Length: > MaxText }
            ? text
            : throw new OverLimitException(reader.Field, MaxText, text.Length, "characters");
    }
}
