using Forge.History.Stores;

namespace Forge.Grains.Integrity;

/// <summary>Reads the summary of the background verification from the database, so that every silo tells the same.</summary>
internal sealed class HistoryIntegrity(IVerification verification, MendedRows mended) : IForgeIntegrity
{
    /// <inheritdoc/>
    public async Task<IntegritySummary> SummarizeAsync(CancellationToken cancellationToken)
    {
        var round = await verification.ReadRoundAsync(cancellationToken);
        return new IntegritySummary(
            round.DoneAt, round.DoneSessions, round.DoneDamaged, round.DoneUnreadable, round.StartedAt, round.Sessions, round.Damaged,
            round.Unreadable, round.DamagedSessions)
        {
            Mended = mended.Count,
        };
    }
}
