using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Schedules;

/// <summary>
/// A checkpoint of a session is due by its schedule. Any checkpoint of the session that is created after <see cref="LastSequence"/> answers
/// it, on any branch and with any trigger; one that was created meanwhile has answered it already.
/// </summary>
[GenerateSerializer, Immutable, Alias("forge.state-due")]
public sealed record StateDue
{
    /// <summary>Who the session belongs to.</summary>
    [Id(0)]
    public required TenantId Tenant { get; init; }

    /// <summary>The session.</summary>
    [Id(1)]
    public required SessionId Session { get; init; }

    /// <summary>
    /// Why it is due: <see cref="CheckpointTrigger.Scheduled"/> for the time that passed, <see cref="CheckpointTrigger.ToolCall"/> for an
    /// effect that was completed, <see cref="CheckpointTrigger.Error"/> for one that failed.
    /// </summary>
    [Id(2)]
    public required CheckpointTrigger Trigger { get; init; }

    /// <summary>Since when, UTC, in whole microseconds. With the trigger it tells one due state from another.</summary>
    [Id(3)]
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it is recorded as missed if it was not answered, UTC; later by as much as a sweep takes to come to it.</summary>
    [Id(4)]
    public required DateTimeOffset AnswerBy { get; init; }

    /// <summary>The greatest sequence given out when it came due; 0 for none.</summary>
    [Id(5)]
    public required long LastSequence { get; init; }
}
