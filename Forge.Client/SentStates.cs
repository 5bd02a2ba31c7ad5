using Forge.Checkpoints;
using Forge.Identity;

namespace Forge.Client;

/// <summary>
/// The states that the handles of a client saved, restored or read last, kept to send and read the next ones as differences from them: one
/// a handle, and within a bound in bytes over all; the least recently used go first.
/// </summary>
/// <remarks>A state is taken out while it is used, so that nobody else's making room gives its memory back meanwhile.</remarks>
/// <param name="capacity">The bound, in bytes of memory; 0 to keep none.</param>
internal sealed class SentStates(long capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Place> _byUse = [];
    private long _bytes;

    /// <summary>True if a state of a length may be kept: none that alone would take much of the bound.</summary>
    public bool MayKeep(int length) => length <= capacity / 4;

    /// <summary>Takes out what a place has, to be put back or let go of; null if it has nothing.</summary>
    public SentState? Take(Place place)
    {
        lock (_gate)
        {
            return Remove(place);
        }
    }

    /// <summary>Puts a state into a place, as the one used last and instead of what was there. It is no longer the caller's.</summary>
    public void Put(Place place, SentState state)
    {
        List<SentState>? gone = null;
        lock (_gate)
        {
            if (Remove(place) is { } before)
            {
                (gone ??= []).Add(before);
            }

            place.State = state;
            _byUse.AddLast(place.Node);
            _bytes += state.State.Capacity;
            while (_bytes > capacity)
            {
                (gone ??= []).Add(Remove(_byUse.First!.Value)!);
            }
        }

        gone?.ForEach(static state => state.State.LetGo());
    }

    /// <summary>Puts a state back that was taken out, unless a newer one has come meanwhile.</summary>
    public void PutBack(Place place, SentState state)
    {
        lock (_gate)
        {
            if (place.State is null)
            {
                Put(place, state);
                return;
            }
        }

        state.State.LetGo();
    }

    /// <summary>Puts a state in that was read, unless the place has one that was saved: what is saved next is likely to be more like that.</summary>
    public void PutRead(Place place, SentState state)
    {
        lock (_gate)
        {
            if (place.State is not { IsSaved: true })
            {
                Put(place, state);
                return;
            }
        }

        state.State.LetGo();
    }

    /// <summary>Lets go of the state of a checkpoint, if that is what a place has.</summary>
    public void Drop(Place place, CheckpointId checkpoint)
    {
        SentState? gone;
        lock (_gate)
        {
            gone = place.State?.Checkpoint == checkpoint ? Remove(place) : null;
        }

        gone?.State.LetGo();
    }

    private SentState? Remove(Place place)
    {
        if (place.State is not { } state)
        {
            return null;
        }

        place.State = null;
        _byUse.Remove(place.Node);
        _bytes -= state.State.Capacity;
        return state;
    }

    /// <summary>Where a handle keeps the state that it has.</summary>
    public sealed class Place
    {
        public Place() => Node = new LinkedListNode<Place>(this);

        /// <summary>What is kept; null for nothing. Used under the lock of the states alone.</summary>
        public SentState? State { get; set; }

        /// <summary>Its place in the order of use.</summary>
        public LinkedListNode<Place> Node { get; }
    }
}

/// <summary>A state that a session is known to have.</summary>
/// <param name="Checkpoint">The checkpoint whose state it is.</param>
/// <param name="State">Its bytes, which this holds.</param>
/// <param name="IsSaved">
/// True if it is what the handle saved last, which its silo is likely to hold too; false if it was read, and would have to be read there again.
/// </param>
internal sealed record SentState(CheckpointId Checkpoint, SharedState State, bool IsSaved);
