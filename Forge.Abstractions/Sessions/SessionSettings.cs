using System.Text.Json.Serialization;
using Forge.Schedules;

namespace Forge.Sessions;

/// <summary>What can be set for one session; what is null falls back to the tenant's, then the silo's.</summary>
[GenerateSerializer, Immutable, Alias("forge.session-settings")]
public sealed record SessionSettings
{
    /// <summary>
    /// Labels to find the session by: at most 64, names of 1 to 128 characters, values of 1 to 256, no NUL. One whose name and value have
    /// more than 2,048 bytes of UTF-8 together, which they can have if the silo allows longer names, is kept and not searched by.
    /// </summary>
    [Id(0)]
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// How long after the newest checkpoint an automatic one for time passed may be taken; from zero to 365 days.
    /// </summary>
    [Id(1)]
    public TimeSpan? AutomaticInterval { get; init; }

    /// <summary>
    /// What a compaction without a policy of its own keeps, and what is applied to the session in the background.
    /// </summary>
    [Id(2)]
    public RetentionPolicy? Retention { get; init; }

    /// <summary>
    /// How long after its newest create, or its creation if there was none, the session is deleted with all it holds;
    /// more than zero, at most 36,500 days.
    /// </summary>
    [Id(3)]
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>When a checkpoint is due; null for never. Neither tenants nor silos have one to fall back to.</summary>
    [Id(10)]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CheckpointSchedule? Schedule { get; init; }
}
