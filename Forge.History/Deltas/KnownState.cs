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

    /// <summary>
    /// True if it was only read, and nobody took it out to store a state on it since: it makes room for those that creates need, and takes none of theirs.
    /// </summary>
    public bool IsOnlyRead { get; set; }

    /// <summary>Whose it is, while it is among the known states; null otherwise.</summary>
    public KnownStates.Owner? Owner { get; set; }

    /// <summary>Its place among them.</summary>
    public LinkedListNode<KnownState> Node { get; }
}
