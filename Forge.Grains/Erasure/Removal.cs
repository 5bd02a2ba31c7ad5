using Forge.Grains.Sessions;
using Forge.History.Rows;

namespace Forge.Grains.Erasure;

/// <summary>Removes the rows of a deleted session.</summary>
internal static class Removal
{
    /// <summary>How long one call removes rows.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Does the work of it step by step; false if some is left when the time is up.</summary>
    /// <param name="session">The session, which is deleted.</param>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<bool> FinishAsync(LiveSession session, long key, CancellationToken cancellationToken)
    {
        // Whoever else has claimed the work may do the same steps beside this: each is done once.
        var (services, upkeep) = (session.Services, session.Services.Upkeep);
        var began = services.Time.GetTimestamp();
        while (await upkeep.FindDueWorkAsync(DueWorkKind.Erase, key, cancellationToken) is { } work)
        {
            while (!await upkeep.DoWorkAsync(work, services.Retention.SweepRows, session.Now, cancellationToken))
            {
                if (services.Time.GetElapsedTime(began) > Patience)
                {
                    return false;
                }
            }
        }

        return true;
    }
}
