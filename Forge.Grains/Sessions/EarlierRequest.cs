using System.Text.Json;
using Forge.Checkpoints;
using Forge.Operations;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

/// <summary>
/// How a change was remembered before inputs had digests: by a kind, and JSON of its arguments as texts. Read for as long as
/// requests of then may be repeated, a request window after an upgrade; never written. What it spells out here is frozen.
/// </summary>
/// <param name="Kind">The kind.</param>
/// <param name="Arguments">What a repeat must have the same.</param>
internal sealed record EarlierRequest(string Kind, string Arguments)
{
    private const string Delete = "delete";

    /// <summary>How such a change was remembered; null if there was none like it.</summary>
    /// <param name="input">The change, checked.</param>
    public static EarlierRequest? Of(IOperation input) => input switch
    {
        RestoreCheckpoint restore => new("restore", restore.Checkpoint.ToString()),
        DeleteCheckpoint delete => new(Delete, delete.Checkpoint.ToString()),
        AnnotateCheckpoint note => new("annotate", JsonSerializer.Serialize(
            new { checkpoint = note.Checkpoint.ToString(), severity = note.Severity, text = note.Text })),
        SetTags tags => new("tag", JsonSerializer.Serialize(new { checkpoint = tags.Checkpoint.ToString(), tags = tags.Tags })),
        SetSettings settings => new("settings", Write(settings.Settings)),
        CompactSession compact => new("compact", compact.Policy is { } policy
            ? JsonSerializer.Serialize(new { policy.KeepRecent, policy.KeepTags, policy.KeepYoungerThan })
            : "null"),
        _ => null,
    };

    /// <summary>What was remembered of the answer; null if it was that of other arguments.</summary>
    public string? AnswerOf(string outcome)
    {
        var remembered = JsonSerializer.Deserialize<Remembered>(outcome)!;
        return remembered.Arguments != Arguments ? null

            // A delete was remembered only if it deleted something.
            : Kind == Delete ? "true"
            : remembered.Answer;
    }

    private static string Write(SessionSettings settings) => JsonSerializer.Serialize(new
    {
        labels = settings.Labels,
        automaticInterval = settings.AutomaticInterval,
        retention = settings.Retention is { } policy
            ? new { keepRecent = policy.KeepRecent, keepTags = policy.KeepTags, keepYoungerThan = policy.KeepYoungerThan }
            : null,
        timeToLive = settings.TimeToLive,
    });

    private sealed record Remembered(string Arguments, string Answer);
}
