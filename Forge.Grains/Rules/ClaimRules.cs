using Forge.Errors;

namespace Forge.Grains.Rules;

/// <summary>What claims of a session must be.</summary>
internal static class ClaimRules
{
    private const int OwnerCharacters = 200;

    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(1);

    /// <summary>Checks who claims a session: as a tag, with a limit of its own.</summary>
    public static void RequireOwner(string? owner) => TextRules.RequireCharacters("owner", owner, OwnerCharacters);

    /// <summary>Checks the epoch of what ends or renews a claim.</summary>
    public static void RequireEpoch(long? epoch)
    {
        if (epoch is null)
        {
            throw new InvalidRequestException("epoch", "must be given: that of the claim");
        }
    }

    /// <summary>Checks how long a claim is left alone.</summary>
    /// <param name="rules">The limits.</param>
    /// <param name="lease">How long; null for as long as it is not released.</param>
    public static void RequireLease(this SessionRules rules, TimeSpan? lease)
    {
        if (lease < ShortestLease)
        {
            throw new InvalidRequestException("lease", $"must be at least {ShortestLease.TotalSeconds} second");
        }

        var longest = rules.Limits.ClaimLease;
        if (lease > longest)
        {
            throw new OverLimitException("lease", (long)longest.TotalSeconds, (long)Math.Ceiling(lease.Value.TotalSeconds), "seconds");
        }
    }
}
