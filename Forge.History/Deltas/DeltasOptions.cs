namespace Forge.History.Deltas;

/// <summary>How states are stored as differences, section <c>Forge:Deltas</c>.</summary>
public sealed class DeltasOptions
{
    /// <summary>
    /// The most bytes of states that a silo keeps to take the next differences from, and to answer reads with, over all its sessions; 64 MiB
    /// by default, from 0 (each create reads its parent, and each read its state) to 16 GiB.
    /// </summary>
    public long BaseBytes { get; set; } = 64L * 1024 * 1024;
}
