using Forge.Schedules;
using Forge.Sessions;
using Forge.Silo.Http;

namespace Forge.Silo.Sessions;

/// <summary>The bodies of the routes of a session as a whole.</summary>
internal static class SessionShapes
{
    private static readonly JsonShape<RetentionPolicy> Policy = WithPolicy(
        new JsonShape<RetentionPolicy> { Limit = limits => limits.Tags }, policy => policy, (_, policy) => policy);

    private static readonly JsonShape<CheckpointSchedule> Schedule = new JsonShape<CheckpointSchedule> { Limit = _ => GivenObject.Frame }
        .Optional(
            "every", JsonKind.Duration,
            "A checkpoint is due this long after the newest one; an ISO 8601 duration from PT1S to P366D. Left out for not by time.",
            (schedule, every) => schedule with { Every = every })
        .Optional(
            "onError", JsonKind.Flag, "True if one is due when an effect failed.", (schedule, error) => schedule with { OnError = error })
        .Optional(
            "onToolCall", JsonKind.Flag, "True if one is due when an effect was completed.",
            (schedule, call) => schedule with { OnToolCall = call })
        .Optional(
            "answerWithin", JsonKind.Duration,
            "How long those who were told have; an ISO 8601 duration, no longer than every. PT30S if left out, or every if that is shorter.",
            (schedule, within) => schedule with { AnswerWithin = within });

    /// <summary>What is left out of a session's settings falls back to the tenant's, then the silo's.</summary>
    public static JsonShape<SessionSettings> Settings { get; } =
        new JsonShape<SessionSettings> { Limit = limits => limits.Settings }
            .Optional("labels", JsonKind.Pairs, "Labels to find the session by.", (settings, labels) => settings with { Labels = labels })
            .Optional(
                "automaticInterval", JsonKind.Duration,
                "How long after the newest checkpoint an automatic one for time passed may be taken; an ISO 8601 duration.",
                (settings, interval) => settings with { AutomaticInterval = interval })
            .Optional(
                "timeToLive", JsonKind.Duration, "How long after its newest create the session is deleted; an ISO 8601 duration.",
                (settings, life) => settings with { TimeToLive = life })
            .Optional(
                "retention", JsonKind.Object(Policy, new RetentionPolicy()),
                "What a compaction without a policy of its own keeps, and what the background applies.",
                (settings, policy) => settings with { Retention = policy })
            .Optional(
                "schedule", JsonKind.Object(Schedule, new CheckpointSchedule()),
                "When a checkpoint is due. Those who observe the session are told, and one that does not come is recorded.",
                (settings, schedule) => settings with { Schedule = schedule });

    /// <summary>Without a keep it follows the session's own retention, then its tenant's, then the silo's.</summary>
    public static JsonShape<CompactSession> Compact { get; } = WithPolicy(
        new JsonShape<CompactSession> { Limit = limits => limits.Tags, IsOptional = true },
        input => input.Policy ?? new RetentionPolicy(),
        (input, policy) => input with { Policy = policy == new RetentionPolicy() ? null : policy })
            .Optional(
                "dryRun", JsonKind.Flag, "True to be told what would go, with nothing changed.",
                (input, dryRun) => input with { DryRun = dryRun });

    private static JsonShape<T> WithPolicy<T>(
        JsonShape<T> shape, Func<T, RetentionPolicy> get, Func<T, RetentionPolicy, T> set) => shape
        .Optional(
            "keepRecent", JsonKind.Count, "Keep the newest this many.",
            (target, count) => set(target, get(target) with { KeepRecent = count }))
        .Optional(
            "keepTags", JsonKind.Texts, "Keep those with any of these tags.",
            (target, tags) => set(target, get(target) with { KeepTags = tags }))
        .Optional(
            "keepYoungerThan", JsonKind.Duration, "Keep those younger than this ISO 8601 duration.",
            (target, age) => set(target, get(target) with { KeepYoungerThan = age }));
}
