namespace Forge.History.Reclaiming;

/// <summary>How much one step of due work removes, beside the number of checkpoints that its caller allows.</summary>
internal static class WorkStep
{
    /// <summary>
    /// A step ends with the checkpoint that brings the stored bytes it removes to this many, so that a transaction, and who
    /// waits behind it, is done within a moment whatever the states' sizes.
    /// </summary>
    public const long StoredBytes = 8 * 1024 * 1024;
}
