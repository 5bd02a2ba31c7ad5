using Forge.Grains.Sessions;

namespace Forge.Grains.Tests.Engine;

/// <summary>The claim of a session of the model.</summary>
/// <param name="Epoch">How many claims there were.</param>
/// <param name="Owner">Who has it; null for nobody.</param>
/// <param name="Until">When its lease runs out.</param>
internal readonly record struct ModelClaim(long Epoch, string? Owner, DateTimeOffset? Until)
{
    /// <summary>True if it refuses no change that is made by such a right.</summary>
    public bool Allows(Authority authority) =>
        authority.IsAboveClaims || (Owner is null ? authority.Epoch is null : authority.Epoch == Epoch);

    public bool IsFree(DateTimeOffset now) => Owner is null || Until <= now;
}
