namespace Forge.Checkpoints;

/// <summary>What a pending write does where one is there under its key.</summary>
public enum WriteMode
{
    /// <summary>The one that is there stays.</summary>
    First = 0,

    /// <summary>It takes the place of the one that is there.</summary>
    Replace = 1,
}
