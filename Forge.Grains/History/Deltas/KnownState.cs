namespace Forge.Grains.History.Deltas;

/// <summary>A state that was stored, kept to take differences from.</summary>
/// <param name="end">The chain that it ends.</param>
/// <param name="buffer">Its bytes, from the front of an array of the shared pool.</param>
internal sealed class KnownState(ChainEnd end, byte[] buffer)
{
    public ChainEnd End { get; } = end;

    public byte[] Buffer { get; } = buffer;

    public required int Length { get; init; }

    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);

    /// <summary>Whose it is, while it is among the known states.</summary>
    public KnownStates.Owner? Owner { get; set; }

    /// <summary>Its place among them.</summary>
    public LinkedListNode<KnownState>? Node { get; set; }
}
