using Forge.History.Rows;

namespace Forge.Grains.Sessions;

/// <summary>By what right a change of a session is made. The default is that of a caller who has claimed nothing.</summary>
/// <param name="Epoch">The epoch of the claim that it is made under; null for none.</param>
/// <param name="IsAboveClaims">
/// True for what no claim refuses: the work of a silo itself, which is no worker, and what takes a claim.
/// </param>
internal readonly record struct Authority(long? Epoch, bool IsAboveClaims = false)
{
    /// <summary>That of what no claim refuses.</summary>
    public static Authority AboveClaims { get; } = new(null, IsAboveClaims: true);

    /// <summary>
    /// True if a change may be made of a session that is so; of one that is deleted too, which refuses changes for that itself.
    /// </summary>
    /// <param name="head">The head row; null if there is none.</param>
    public bool Allows(SessionHead? head) =>
        IsAboveClaims || head?.DeletedAt is not null || Epoch == (head?.ClaimOwner is null ? null : head.ClaimEpoch);
}
