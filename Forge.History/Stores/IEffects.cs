using Forge.Errors;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.History.Stores;

/// <summary>
/// Reads of effects. Each sees the head row in the same instant. The checks of the rows are the reader's to look at
/// (<see cref="Chain.EffectSeal"/>). Of a deleted session there is none.
/// </summary>
internal interface IEffects
{
    /// <summary>One effect, all of it; null if there is none.</summary>
    Task<Versioned<StoredEffect?>> FindAsync(SessionAddress address, string key, CancellationToken cancellationToken);

    /// <summary>The short part of the effects behind a key, by their keys; nothing of a session that is not there.</summary>
    /// <param name="address">The session.</param>
    /// <param name="after">The key.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    Task<EffectsRead> ListAsync(SessionAddress address, string after, int limit, CancellationToken cancellationToken);

    /// <summary>The short part of the effects behind a place, by when they were last begun.</summary>
    Task<EffectsRead> ReadAfterAsync(SessionAddress address, EffectPlace after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// All of the effects behind a key that were first begun before a checkpoint was there, and of all tokens: a few, by their keys. What was
    /// begun before a checkpoint that is there never comes to be more.
    /// </summary>
    Task<EffectsRead> ReadBeforeAsync(SessionAddress address, long sequence, string after, CancellationToken cancellationToken);

    /// <summary>The short part of settled effects that are no tokens, those that were changed the longest ago first.</summary>
    Task<EffectsRead> ReadAgedAsync(SessionAddress address, int limit, CancellationToken cancellationToken);
}

/// <summary>Effects, and the head row in the same instant.</summary>
/// <param name="Head">The head row, also of a deleted session; null if there is none.</param>
/// <param name="Rows">The effects.</param>
internal sealed record EffectsRead(SessionHead? Head, IReadOnlyList<StoredEffect> Rows)
{
    public long Version => Head?.Version ?? 0;
}
