using System.Text.Json.Serialization;
using Forge.Schedules;
using Forge.Sessions;
using Forge.Silo.Http;

namespace Forge.Silo.Sessions;

/// <summary>A session's settings. What is null falls back to the tenant's, then the silo's.</summary>
/// <param name="Labels">Labels to find the session by.</param>
/// <param name="AutomaticInterval">How long after the newest checkpoint an automatic one for time passed may be taken; an ISO 8601 duration.</param>
/// <param name="Retention">What a compaction without a policy of its own keeps, and what the background applies.</param>
/// <param name="TimeToLive">How long after its newest create the session is deleted; an ISO 8601 duration.</param>
internal sealed record SettingsAnswer(
    IReadOnlyDictionary<string, string> Labels, string? AutomaticInterval, RetentionAnswer? Retention, string? TimeToLive)
{
    /// <summary>When a checkpoint is due; left out for never.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ScheduleAnswer? Schedule { get; init; }

    public static SettingsAnswer Of(SessionSettings settings) => new(
        settings.Labels,
        settings.AutomaticInterval is { } interval ? WireTime.Format(interval) : null,
        settings.Retention is { } policy ? RetentionAnswer.Of(policy) : null,
        settings.TimeToLive is { } life ? WireTime.Format(life) : null)
    {
        Schedule = settings.Schedule is { } schedule ? ScheduleAnswer.Of(schedule) : null,
    };
}

/// <summary>What is kept.</summary>
/// <param name="KeepRecent">The newest this many.</param>
/// <param name="KeepTags">Those with any of these tags.</param>
/// <param name="KeepYoungerThan">Those younger than this ISO 8601 duration.</param>
internal sealed record RetentionAnswer(int? KeepRecent, IReadOnlyList<string>? KeepTags, string? KeepYoungerThan)
{
    public static RetentionAnswer Of(RetentionPolicy policy) => new(
        policy.KeepRecent, policy.KeepTags, policy.KeepYoungerThan is { } age ? WireTime.Format(age) : null);
}

/// <summary>When a checkpoint is due.</summary>
/// <param name="Every">This long after the newest one; an ISO 8601 duration. Null for not by time.</param>
/// <param name="OnError">True if when an effect failed.</param>
/// <param name="OnToolCall">True if when an effect was completed.</param>
/// <param name="AnswerWithin">How long those who were told have; an ISO 8601 duration. Null for 30 s, or every if that is shorter.</param>
internal sealed record ScheduleAnswer(string? Every, bool OnError, bool OnToolCall, string? AnswerWithin)
{
    public static ScheduleAnswer Of(CheckpointSchedule schedule) => new(
        schedule.Every is { } every ? WireTime.Format(every) : null,
        schedule.OnError,
        schedule.OnToolCall,
        schedule.AnswerWithin is { } within ? WireTime.Format(within) : null);
}
