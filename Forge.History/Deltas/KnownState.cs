namespace Forge.History.Deltas;

/// <summary>A state that was stored, kept to take differences from.</summary>
internal sealed class KnownState
{
    /// <param name="end">The chain that it ends.</param>
    /// <param name="buffer">Its bytes, from the front of an array of <see cref="StateBuffers"/>.</param>
    /// <param name="length">How many they are.</param>
    public KnownState(ChainEnd end, byte[] buffer, int length)
    {
        (End, Buffer, Length) = (end, buffer, length);
        Node = new LinkedListNode<KnownState>(this);
    }

    public ChainEnd End { get; }

    public byte[] Buffer { get; }

    public int Length { get; }

    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);

    /// <summary>Whose it is, while it is among the known states; null otherwise.</summary>
    public KnownStates.Owner? Owner { get; set; }

    /// <summary>Its place among them.</summary>
    public LinkedListNode<KnownState> Node { get; }
}
