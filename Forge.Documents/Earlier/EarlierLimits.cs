namespace Forge.Documents.Earlier;

/// <summary>What bounds the conversion of an earlier document.</summary>
/// <param name="CheckpointBytes">The longest checkpoint, in bytes.</param>
/// <param name="Tags">The most tags of a checkpoint.</param>
/// <param name="DocumentBytes">The most bytes of the whole.</param>
internal sealed record EarlierLimits(long CheckpointBytes, int Tags, long DocumentBytes)
{
    /// <summary>
    /// Checks the values of a checkpoint, which no silo has taken before; what it finds bad is an error of that checkpoint. None are
    /// checked if nothing is said.
    /// </summary>
    public Action<EarlierCheckpoint> Require { get; init; } = _ => { };

    /// <summary>
    /// For a client, which does not know the limits of the silos: more than any silo takes, and a bound all the same.
    /// </summary>
    public static EarlierLimits OfClient { get; } = new(128 * 1024 * 1024, 1_000_000, long.MaxValue);
}
