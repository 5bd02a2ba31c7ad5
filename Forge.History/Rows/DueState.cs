using System.Text.Json;
using System.Text.Json.Serialization;
using Forge.Checkpoints;

namespace Forge.History.Rows;

/// <summary>What is due by a session's schedule, as its head row keeps it.</summary>
/// <param name="From">What the schedule counts from if no checkpoint is newer: when it was set, or one was missed. Null for nothing.</param>
/// <param name="Open">The state that is due, or that was and is answered by now; null for none.</param>
internal sealed record DueState(DateTimeOffset? From, OpenState? Open)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static DueState None { get; } = new(null, null);

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>Reads what <see cref="ToJson"/> wrote; nothing for null, and for what cannot be read, which a verification finds.</summary>
    public static DueState Read(string? text)
    {
        try
        {
            return text is null ? None : JsonSerializer.Deserialize<DueState>(text, Options) ?? None;
        }
        catch (JsonException)
        {
            return None;
        }
    }
}

/// <summary>A state that is due until a checkpoint is created.</summary>
/// <param name="Trigger">Why.</param>
/// <param name="Since">Since when, in whole microseconds.</param>
/// <param name="After">The greatest sequence given out then: a greater one answers it.</param>
/// <param name="AnswerBy">When it is missed; null as long as nobody was to be told.</param>
/// <param name="Told">How many observers were told.</param>
internal sealed record OpenState(CheckpointTrigger Trigger, DateTimeOffset Since, long After, DateTimeOffset? AnswerBy = null, int Told = 0)
{
    /// <summary>True if another is of the same due state, whoever was told of it.</summary>
    public bool IsSame(OpenState? other) => other is not null && (other.Trigger, other.Since, other.After) == (Trigger, Since, After);
}
