using Forge.History.Chain;

namespace Forge.History.Rows;

/// <summary>
/// The head row of a session: one narrow row, updated in place by compare-and-set with every change. Immutable; the
/// engine makes the next one from the last.
/// </summary>
internal sealed record SessionHead
{
    /// <summary>The session inside the database; from 1, and the same for as long as the session's name is known.</summary>
    public required long Key { get; init; }

    /// <summary>Counts the lives of a session's name, from 1.</summary>
    public int Incarnation { get; init; } = 1;

    /// <summary>The number of commits, and the ETag; 1 after the first.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// The batch that made this version, unique to one attempt at one commit. A writer whose connection died during a
    /// commit reads it back to learn the outcome.
    /// </summary>
    public Guid LastBatch { get; init; }

    /// <summary>When the first change was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the newest checkpoint ever created was, also if it is gone; null before the first.</summary>
    public DateTimeOffset? LastCreatedAt { get; init; }

    /// <summary>The greatest sequence given out; 0 before the first.</summary>
    public long LastSequence { get; init; }

    /// <summary>The sequence of the newest surviving checkpoint; 0 for none.</summary>
    public long Head { get; init; }

    /// <summary>The sequence of the parent of the next checkpoint; 0 for none.</summary>
    public long Current { get; init; }

    /// <summary>The position of the newest event; 0 before the first.</summary>
    public long LastPosition { get; init; }

    /// <summary>How many checkpoints are visible.</summary>
    public long Count { get; init; }

    /// <summary>The sum of their sizes as saved.</summary>
    public long Bytes { get; init; }

    /// <summary>The session's settings as JSON; null if none were set.</summary>
    public string? Settings { get; init; }

    /// <summary>The session that this one was forked from, by key; null for none.</summary>
    public long? OriginKey { get; init; }

    /// <summary>The sequence in the origin that this one starts from; null for none.</summary>
    public long? OriginSequence { get; init; }

    /// <summary>
    /// The chain value of the newest position; null if nothing was added to the session since sessions are chained.
    /// </summary>
    public byte[]? Chain { get; init; }

    /// <summary>
    /// The position after which every one has a chain value: 0; of a session from before sessions were chained the newest one when that
    /// began; of a revived one the newest one of the life before.
    /// </summary>
    public long ChainedAfter { get; init; }

    /// <summary>
    /// The check over the row (<see cref="Chain.RowSeal.OfHead"/>). A store computes it as it writes the row; null if it
    /// was written before there was one.
    /// </summary>
    public long? Seal { get; init; }

    /// <summary>When the session was deleted; null while it lives.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The number of the newest claim of the session, which never falls; null if there never was one.</summary>
    public long? ClaimEpoch { get; init; }

    /// <summary>Who has claimed it; null for nobody.</summary>
    public string? ClaimOwner { get; init; }

    /// <summary>When the lease of the claim runs out; null for no lease.</summary>
    public DateTimeOffset? ClaimUntil { get; init; }

    /// <summary>How many pending writes its visible checkpoints have; null if it never had one.</summary>
    public long? WriteCount { get; init; }

    /// <summary>The sum of the lengths of their values; null if it never had one.</summary>
    public long? WriteBytes { get; init; }

    /// <summary>How many effects the session has; null if it never had one.</summary>
    public long? EffectCount { get; init; }

    /// <summary>How many of them are tokens, which stay over the lives of the session; null for none.</summary>
    public long? TokenCount { get; init; }

    /// <summary>What is due by the session's schedule (<see cref="Rows.DueState"/>); null if it never had one.</summary>
    public string? DueState { get; init; }

    /// <summary>True if the session has effects that are no tokens.</summary>
    public bool HasEffects => (EffectCount ?? 0) > (TokenCount ?? 0);

    /// <summary>The row of the session once it has ended: a tombstone, with nothing of what the session was but what is named here.</summary>
    public SessionHead Ended(DateTimeOffset at) => new()
    {
        Key = Key,
        Incarnation = Incarnation,
        Version = Version,
        ChainedAfter = ChainedAfter,
        LastSequence = LastSequence,
        LastPosition = LastPosition,
        CreatedAt = at,
        DeletedAt = at,
        ClaimEpoch = ClaimEpoch,
        EffectCount = TokenCount,
        TokenCount = TokenCount,
    };

    /// <summary>
    /// The row of the session once it lives again: a new one whose numbers go on. Its chain begins anew, with the number of its life.
    /// </summary>
    public SessionHead Revived(DateTimeOffset at) => new()
    {
        Key = Key,
        Incarnation = Incarnation + 1,
        Version = Version,
        ChainedAfter = LastPosition,
        LastSequence = LastSequence,
        LastPosition = LastPosition,
        CreatedAt = at,
        ClaimEpoch = ClaimEpoch,
        EffectCount = TokenCount,
        TokenCount = TokenCount,
    };
}
