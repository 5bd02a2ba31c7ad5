using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Chain;

/// <summary>The checks in the row of an effect: made with it, and looked at wherever it is decided by, answered or copied.</summary>
internal static class EffectSeal
{
    /// <summary>The row with its checks, as a row of a session.</summary>
    public static StoredEffect SealedIn(this StoredEffect row, SessionAddress address)
    {
        var digested = row with { Digest = RowSeal.DigestOfEffect(row) };
        return digested with { Seal = RowSeal.OfEffect(address, digested) };
    }

    /// <summary>What does not fit in the short part of a row; null if it is what was written.</summary>
    public static string? ProblemIn(this StoredEffect row, SessionAddress address) =>
        RowSeal.OfEffect(address, row) == row.Seal ? null : "its row is not what was written";

    /// <summary>What does not fit in a whole row; null if it is what was written.</summary>
    public static string? WholeProblemIn(this StoredEffect row, SessionAddress address) => row.ProblemIn(address)
        ?? (RowSeal.DigestOfEffect(row).AsSpan().SequenceEqual(row.Digest) ? null : "its request, result or evidence is not what was written");
}
