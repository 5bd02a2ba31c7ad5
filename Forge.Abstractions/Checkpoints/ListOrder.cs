namespace Forge.Checkpoints;

/// <summary>The order of a list of checkpoints, by sequence.</summary>
public enum ListOrder
{
    /// <summary>The newest first.</summary>
    NewestFirst = 0,

    /// <summary>The oldest first.</summary>
    OldestFirst = 1,
}
