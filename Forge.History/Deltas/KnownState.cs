using Forge.Checkpoints;

namespace Forge.History.Deltas;

/// <summary>A state that was stored, kept to take differences from.</summary>
internal sealed class KnownState
{
    /// <param name="end">The chain that it ends.</param>
    /// <param name="state">Its bytes, which it holds from now on.</param>
    public KnownState(ChainEnd end, SharedState state)
    {
        (End, State) = (end, state);
        Node = new LinkedListNode<KnownState>(this);
    }

    public ChainEnd End { get; }

    public SharedState State { get; }

    public ReadOnlySpan<byte> Bytes => State.GetSpan();

    /// <summary>True if it is kept besides what creates are likely to need. Used under the lock of the known states alone.</summary>
    public bool IsSpare { get; set; }

    /// <summary>Whose it is, while it is among the known states; null otherwise.</summary>
    public KnownStates.Owner? Owner { get; set; }

    /// <summary>Its place among them.</summary>
    public LinkedListNode<KnownState> Node { get; }
}
