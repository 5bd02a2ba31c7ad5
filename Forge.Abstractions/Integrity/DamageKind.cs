namespace Forge.Integrity;

/// <summary>What verification found wrong.</summary>
public enum DamageKind
{
    /// <summary>A checkpoint's row, or the chain value in it, is not what was written.</summary>
    Checkpoint = 0,

    /// <summary>A stored state cannot be decoded, or is not the one that was saved.</summary>
    State = 1,

    /// <summary>An event's row, or the chain value in it, is not what was written.</summary>
    Event = 2,

    /// <summary>Positions of the log have neither a row nor the record of a removal.</summary>
    Missing = 3,

    /// <summary>A row stands at a position that another one has, or out of its order.</summary>
    Surplus = 4,

    /// <summary>The current tags are not those of the last change of them, or their index differs.</summary>
    Tags = 5,

    /// <summary>An annotation is not what was attached, is missing, or was never attached.</summary>
    Annotation = 6,

    /// <summary>A mark that says that children of a checkpoint were compacted away is missing, or was never made.</summary>
    Trunk = 7,

    /// <summary>A checkpoint is hidden that was not removed, or shown though it was.</summary>
    Visibility = 8,

    /// <summary>The record of a removal is not what was written.</summary>
    Removal = 9,

    /// <summary>The head row is not what was written, or does not fit what the log says.</summary>
    Head = 10,

    /// <summary>Where a branch stands is not what was written, or does not fit its checkpoints.</summary>
    Branch = 11,

    /// <summary>The link to the session that this one was forked from is not what was written, or is missing.</summary>
    Origin = 12,

    /// <summary>A checkpoint requires one that is not there, or the index of what is required differs.</summary>
    Requirement = 13,

    /// <summary>A pending write is not what was written, or is of a checkpoint that is not there.</summary>
    Write = 20,

    /// <summary>What is stored of an effect is not what was written, does not fit what the log says of it, or is missing.</summary>
    Effect = 14,
}
