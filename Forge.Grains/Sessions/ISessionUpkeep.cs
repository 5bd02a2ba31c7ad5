using Orleans;

namespace Forge.Grains.Sessions;

/// <summary>What a silo's background asks of a session's grain, so that one writer holds. Not for callers.</summary>
[Alias("forge.session-upkeep")]
internal interface ISessionUpkeep : IGrainWithStringKey
{
    /// <summary>
    /// Applies the session's policy and time to live, its own or its tenant's or the silo's.
    /// </summary>
    /// <returns>When something comes due of itself; null where nothing does before somebody writes.</returns>
    [Alias("apply-retention")]
    Task<DateTimeOffset?> ApplyRetentionAsync(CancellationToken cancellationToken = default);
}
