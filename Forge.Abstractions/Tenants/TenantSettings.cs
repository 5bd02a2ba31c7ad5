using Forge.Sessions;

namespace Forge.Tenants;

/// <summary>The defaults of a tenant's sessions; what is null falls back to the silo's.</summary>
[GenerateSerializer, Immutable, Alias("forge.tenant-settings")]
public sealed record TenantSettings
{
    /// <summary>The automatic interval of its sessions; from zero to 365 days.</summary>
    [Id(0)]
    public TimeSpan? AutomaticInterval { get; init; }

    /// <summary>What a compaction, and the background, keeps if neither it nor its session says so.</summary>
    [Id(1)]
    public RetentionPolicy? Retention { get; init; }

    /// <summary>The greatest state of its sessions, in bytes: 1 to the silo's limit.</summary>
    [Id(2)]
    public int? MaxStateBytes { get; init; }

    /// <summary>
    /// How long after their newest create its sessions are deleted; more than zero, at most 36,500 days.
    /// </summary>
    [Id(3)]
    public TimeSpan? TimeToLive { get; init; }
}
