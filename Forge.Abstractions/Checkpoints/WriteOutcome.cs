namespace Forge.Checkpoints;

/// <summary>What became of a pending write.</summary>
public enum WriteOutcome
{
    /// <summary>It is there, where none was.</summary>
    Written = 0,

    /// <summary>It is there, in the place of an earlier one.</summary>
    Replaced = 1,

    /// <summary>It was dropped: an earlier one is there, and stays.</summary>
    Kept = 2,
}
