namespace Forge.Schedules;

/// <summary>
/// When a checkpoint of a session is due: whoever observes the session is told then (<see cref="IAgentObserver"/>), and it is recorded if
/// none comes. At least one of <see cref="Every"/>, <see cref="OnToolCall"/> and <see cref="OnError"/> is given.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.checkpoint-schedule")]
public sealed record CheckpointSchedule
{
    /// <summary>How long <see cref="AnswerWithin"/> is if nothing is said and <see cref="Every"/> is no shorter: 30 s.</summary>
    public static readonly TimeSpan DefaultAnswerWithin = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A checkpoint is due this long after the newest one of any branch was created, and this long after one was missed; from 1 s to
    /// 366 days. Null for not by time.
    /// </summary>
    [Id(0)]
    public TimeSpan? Every { get; init; }

    /// <summary>True if one is due when a run of an effect of the session failed; false by default.</summary>
    [Id(1)]
    public bool OnError { get; init; }

    /// <summary>True if one is due when a run of an effect of the session was completed; false by default.</summary>
    [Id(2)]
    public bool OnToolCall { get; init; }

    /// <summary>
    /// How long those who were told have before it counts as missed; from 1 s to 366 days, and no more than <see cref="Every"/>. Null for
    /// <see cref="DefaultAnswerWithin"/>, or <see cref="Every"/> if that is shorter.
    /// </summary>
    [Id(3)]
    public TimeSpan? AnswerWithin { get; init; }
}
