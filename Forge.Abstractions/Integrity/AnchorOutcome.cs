namespace Forge.Integrity;

/// <summary>What became of an anchor.</summary>
public enum AnchorOutcome
{
    /// <summary>The chain still goes through it.</summary>
    Holds = 0,

    /// <summary>The chain has another value there, or ends before it: what led up to it was rewritten or cut off.</summary>
    Broken = 1,

    /// <summary>Its position was removed, in the middle of others or with a life of the session before: nothing can be said of it.</summary>
    Removed = 2,
}
