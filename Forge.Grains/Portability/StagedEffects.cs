using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Portability;

/// <summary>What an import or a fork staged of effects.</summary>
/// <param name="Count">How many.</param>
/// <param name="Tokens">How many of them are tokens.</param>
/// <param name="Digest">The SHA-256 over their rows.</param>
internal sealed record StagedEffects(long Count, long Tokens, byte[] Digest)
{
    /// <summary>The work of removing those that have the age for it, to be noted as they are taken over; null for none.</summary>
    public Due? Work { get; init; }
}

/// <summary>Effects that an import staged without a checkpoint.</summary>
/// <param name="Key">The key that the rows are staged under.</param>
/// <param name="Effects">What was staged.</param>
/// <param name="LastSequence">The greatest sequence that the exported session had given out.</param>
/// <param name="Settings">The exported session's settings, for a session that is new.</param>
/// <param name="SessionCreatedAt">When the exported session was created, for a session that is new.</param>
/// <param name="Origin">What the session was forked from, for a session that is new; null if it was not forked.</param>
internal sealed record StagedEffectsAlone(
    long Key, StagedEffects Effects, long LastSequence, string? Settings, DateTimeOffset SessionCreatedAt, ForkLink? Origin);
