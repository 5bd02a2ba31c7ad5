using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>
/// The states that a silo keeps to take the next differences from, and to answer reads with: the last ones of the sessions that are
/// being written or read, within a bound in bytes over all of them; the least recently used go first.
/// </summary>
/// <remarks>
/// They save reads and decide nothing: a difference is taken from the state of a sequence, which never changes. A state is
/// taken out, or held besides, while it is used, so that nobody else's making room gives its buffer back meanwhile.
/// </remarks>
/// <param name="capacity">The bound, in bytes of buffers.</param>
internal sealed class KnownStates(long capacity)
{
    /// <summary>One session has so many at the most: what was created last, and what a branch is being made from.</summary>
    private const int PerOwner = 2;

    private readonly Lock _gate = new();
    private readonly LinkedList<KnownState> _byUse = [];
    private long _bytes;

    /// <summary>The bytes of all buffers that are kept.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Takes the state of a sequence out, to be put back; null if it is not known.</summary>
    public KnownState? Take(Owner owner, long sequence)
    {
        lock (_gate)
        {
            var state = owner.Find(sequence);
            if (state is not null)
            {
                Remove(state);
                state.IsOnlyRead = false;
            }

            return state;
        }
    }

    /// <summary>Takes the state out that was used last, to be put back; null if none is known.</summary>
    public KnownState? TakeNewest(Owner owner)
    {
        lock (_gate)
        {
            if (owner.States is not [.., var newest])
            {
                return null;
            }

            Remove(newest);
            return newest;
        }
    }

    /// <summary>The state of a sequence, as the one used last, held by the caller too; null if it is not known.</summary>
    public SharedState? Hold(Owner owner, long sequence)
    {
        lock (_gate)
        {
            if (owner.Find(sequence) is not { } known || !known.State.TryHold())
            {
                return null;
            }

            owner.States.Remove(known);
            owner.States.Add(known);
            _byUse.Remove(known.Node);
            _byUse.AddLast(known.Node);
            return known.State;
        }
    }

    /// <summary>The sequences whose states are known.</summary>
    public IReadOnlyList<long> SequencesOf(Owner owner)
    {
        lock (_gate)
        {
            return [.. owner.States.Select(state => state.End.Sequence)];
        }
    }

    /// <summary>
    /// A full copy of the state of a sequence, plain, with its own SHA-256 and in the group that it was stored in; null if it is not
    /// known. What of a row is none of its state is not known.
    /// </summary>
    public EncodedState? Find(Owner owner, long sequence)
    {
        if (Take(owner, sequence) is not { } state)
        {
            return null;
        }

        var group = state.End.Group == sequence ? (long?)null : state.End.Group;
        var copy = state.Bytes.ToArray();
        Put(owner, state);
        return new EncodedState(sequence, default, StateCodec.Plain, null, group, copy.Length, SHA256.HashData(copy), copy);
    }

    /// <summary>Puts a state in, or back, as the one used last. It is no longer the caller's.</summary>
    public void Put(Owner owner, KnownState state)
    {
        if (!MayKeep(state.Bytes.Length))
        {
            Return(state);
            return;
        }

        List<KnownState>? gone = null;
        lock (_gate)
        {
            if (owner.Find(state.End.Sequence) is { } same)
            {
                Remove(same);
                (gone ??= []).Add(same);
            }

            state.Owner = owner;
            _byUse.AddLast(state.Node);
            owner.States.Add(state);
            _bytes += state.State.Capacity;
            if (owner.States.Count > PerOwner)
            {
                var other = owner.States.Find(known => known.IsOnlyRead) ?? owner.States[0];
                (gone ??= []).Add(other);
                Remove(other);
            }

            while (_bytes > capacity)
            {
                (gone ??= []).Add(_byUse.First!.Value);
                Remove(_byUse.First.Value);
            }
        }

        gone?.ForEach(Return);
    }

    /// <summary>True if a state that was read is not known yet and may find room: whoever would have to copy it first asks.</summary>
    public bool MayPutRead(Owner owner, long sequence, int length)
    {
        lock (_gate)
        {
            return MayKeep(length) && owner.Find(sequence) is null
                && (owner.States.Count < PerOwner || owner.States.Exists(state => state.IsOnlyRead))
                && (_bytes + length <= capacity || _byUse.First is { Value.IsOnlyRead: true });
        }
    }

    /// <summary>
    /// Puts a state in that was read, if nothing has to go for it but others that were only read: what creates take differences from stays. It is
    /// no longer the caller's.
    /// </summary>
    public void PutRead(Owner owner, KnownState state)
    {
        List<KnownState> gone = [];
        lock (_gate)
        {
            if (MayKeep(state.Bytes.Length) && owner.Find(state.End.Sequence) is null && HasRoom(owner, state.State.Capacity, gone))
            {
                (state.Owner, state.IsOnlyRead) = (owner, true);
                _byUse.AddLast(state.Node);
                owner.States.Add(state);
                _bytes += state.State.Capacity;
            }
            else
            {
                gone.Add(state);
            }
        }

        gone.ForEach(Return);
    }

    /// <summary>Makes room by letting go of what was only read; false if that is not enough.</summary>
    private bool HasRoom(Owner owner, int bytes, List<KnownState> gone)
    {
        if (owner.States.Count == PerOwner)
        {
            if (owner.States.Find(state => state.IsOnlyRead) is not { } other)
            {
                return false;
            }

            Remove(other);
            gone.Add(other);
        }

        while (_bytes + bytes > capacity && _byUse.First is { Value: { IsOnlyRead: true } oldest })
        {
            Remove(oldest);
            gone.Add(oldest);
        }

        return _bytes + bytes <= capacity;
    }

    /// <summary>Lets go of all states of a session.</summary>
    public void Drop(Owner owner)
    {
        KnownState[] gone;
        lock (_gate)
        {
            gone = [.. owner.States];
            Array.ForEach(gone, Remove);
        }

        Array.ForEach(gone, Return);
    }

    /// <summary>True if a state of a length may be kept: none that alone would take much of the bound.</summary>
    public bool MayKeep(int length) => length <= capacity / 4;

    private static void Return(KnownState state) => state.State.LetGo();

    private void Remove(KnownState state)
    {
        state.Owner!.States.Remove(state);
        _byUse.Remove(state.Node);
        _bytes -= state.State.Capacity;
        state.Owner = null;
    }

    /// <summary>One activation of a session, as whose states they are kept.</summary>
    public sealed class Owner
    {
        /// <summary>Those that are kept, the one used last at the end. Used under the lock of the states alone.</summary>
        public List<KnownState> States { get; } = new(PerOwner + 1);

        public KnownState? Find(long sequence)
        {
            foreach (var state in States)
            {
                if (state.End.Sequence == sequence)
                {
                    return state;
                }
            }

            return null;
        }
    }
}
