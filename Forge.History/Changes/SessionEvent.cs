namespace Forge.History.Changes;

/// <summary>An event of a session's log.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Kind">What happened.</param>
/// <param name="At">When.</param>
/// <param name="Sequence">The checkpoint it happened to; 0 if it happened to the session.</param>
/// <param name="LastSequence">The greatest sequence given out before it. Since creates have no event row, this is what
/// finds the creates around it.</param>
/// <param name="Detail">What else there is to say, as a JSON object; null for nothing.</param>
/// <param name="Chain">The chain value of the position; null if it was written before sessions were chained.</param>
internal readonly record struct SessionEvent(
    long Position,
    SessionEventKind Kind,
    DateTimeOffset At,
    long Sequence,
    long LastSequence,
    string? Detail,
    byte[]? Chain = null);

/// <summary>What happened. The numbers are stored; they never change meaning.</summary>
internal enum SessionEventKind : short
{
    Created = 0,
    Restored = 1,
    Deleted = 2,
    Compacted = 3,
    Annotated = 4,
    Tagged = 5,
    Forked = 6,
    Imported = 7,
    Claimed = 8,
    Released = 9,
    Revived = 10,
    Written = 20,
    EffectBegun = 11,
    EffectCompleted = 12,
    EffectFailed = 13,
    EffectResolved = 14,
    EffectRefused = 15,
    EffectsImported = 16,
    CheckpointMissed = 30,
}
