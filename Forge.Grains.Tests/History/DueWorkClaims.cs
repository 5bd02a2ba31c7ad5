using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

/// <summary>Claims for tests that do not care for the kind.</summary>
internal static class DueWorkClaims
{
    /// <summary>Takes a piece of a kind that is due by now.</summary>
    public static Task<DueWork?> ClaimDueWorkAsync(
        this IUpkeep upkeep, DueWorkKind kind, string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken) =>
        upkeep.ClaimDueWorkAsync(kind, owner, now, DateTimeOffset.MaxValue, lease, cancellationToken);

    /// <summary>Takes a piece of due work of the first kind that has any; null if none has.</summary>
    public static async Task<DueWork?> ClaimDueWorkAsync(
        this IUpkeep upkeep, string owner, DateTimeOffset now, TimeSpan lease, CancellationToken cancellationToken)
    {
        foreach (var kind in Enum.GetValues<DueWorkKind>())
        {
            if (await upkeep.ClaimDueWorkAsync(kind, owner, now, lease, cancellationToken) is { } work)
            {
                return work;
            }
        }

        return null;
    }
}
