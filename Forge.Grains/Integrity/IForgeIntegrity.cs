using Forge.Errors;

namespace Forge.Grains.Integrity;

/// <summary>Tells what the background verification found.</summary>
public interface IForgeIntegrity
{
    /// <summary>What is known now, of all silos on the database together.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="UnavailableException">The database cannot be reached, or does not answer in time.</exception>
    Task<IntegritySummary> SummarizeAsync(CancellationToken cancellationToken = default);
}

/// <summary>What the background verification found.</summary>
/// <param name="DoneAt">When the last round over all sessions ended; null before the first did.</param>
/// <param name="Sessions">How many sessions that round verified.</param>
/// <param name="Damaged">How many of them were damaged.</param>
/// <param name="Unreadable">How many others it could not read, and so did not verify.</param>
/// <param name="RunningSince">When the round began that is under way; null between rounds.</param>
/// <param name="RunningSessions">How many sessions that one has verified.</param>
/// <param name="RunningDamaged">How many of them are damaged.</param>
/// <param name="RunningUnreadable">How many others it could not read.</param>
/// <param name="DamagedSessions">The damaged ones of the newest round, as <c>tenant/session</c>; at most 100.</param>
public sealed record IntegritySummary(
    DateTimeOffset? DoneAt,
    long Sessions,
    long Damaged,
    long Unreadable,
    DateTimeOffset? RunningSince,
    long RunningSessions,
    long RunningDamaged,
    long RunningUnreadable,
    IReadOnlyList<string> DamagedSessions)
{
    /// <summary>How many damaged rows this silo has put right since it started, by states that it still held in memory.</summary>
    public long Mended { get; init; }
}
