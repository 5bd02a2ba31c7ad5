namespace Forge.Events;

/// <summary>What happened to a session. A closed set: a silo that meets a kind of a later version tells it as <see cref="Unknown"/>.</summary>
public enum LogEventKind
{
    /// <summary>A checkpoint was created, or came with an import or a fork.</summary>
    Created = 0,

    /// <summary>A checkpoint became the current one of a branch.</summary>
    Restored = 1,

    /// <summary>One checkpoint was deleted.</summary>
    Deleted = 2,

    /// <summary>Checkpoints were removed by a policy, or all of them by a clear: then none remains.</summary>
    Compacted = 3,

    /// <summary>A note was attached to a checkpoint.</summary>
    Annotated = 4,

    /// <summary>The tags of a checkpoint were changed.</summary>
    Tagged = 5,

    /// <summary>The session was begun from a checkpoint of another one. Stands behind what it was begun with.</summary>
    Forked = 6,

    /// <summary>Checkpoints came from a document, or along with a fork. Their created events stand before it.</summary>
    Imported = 7,

    /// <summary>Somebody claimed the session.</summary>
    Claimed = 8,

    /// <summary>Whoever had claimed the session gave it free.</summary>
    Released = 9,

    /// <summary>The session, which had been deleted, lives again.</summary>
    Revived = 10,

    /// <summary>Pending writes were put under a checkpoint.</summary>
    Written = 20,

    /// <summary>An effect was begun.</summary>
    EffectBegun = 11,

    /// <summary>An effect was done.</summary>
    EffectCompleted = 12,

    /// <summary>An effect did nothing at its target.</summary>
    EffectFailed = 13,

    /// <summary>Somebody said what became of an effect.</summary>
    EffectResolved = 14,

    /// <summary>What came of an effect too late was refused, and kept as evidence.</summary>
    EffectRefused = 15,

    /// <summary>Effects came from a document, or along with a fork.</summary>
    EffectsImported = 16,

    /// <summary>A checkpoint that was due by the session's schedule did not come.</summary>
    CheckpointMissed = 30,

    /// <summary>An event that the silo cannot read: of a kind of a later version, or damaged. Its position and time are as they were written.</summary>
    Unknown = -1,
}
