using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>
/// The states that a silo keeps to take the next differences from, and to answer reads with: the last ones of the sessions that are
/// being written or read, within a bound in bytes over all of them; the least recently used go first.
/// </summary>
/// <remarks>
/// Those that creates are likely to need are apart from those that are spare: that were only read, or are small and were needed a moment
/// ago, as by agents that read what they saved while others save. A spare one takes the place of no needed one.
///
/// They save reads and decide nothing: a difference is taken from the state of a sequence, which never changes. A state is
/// taken out, or held besides, while it is used, so that nobody else's making room gives its buffer back meanwhile.
/// </remarks>
/// <param name="capacity">The bound, in bytes of buffers.</param>
internal sealed class KnownStates(long capacity)
{
    /// <summary>So many of a session are needed at the most: what was created last, and what a branch is being made from.</summary>
    private const int NeededPerOwner = 2;

    /// <summary>What others took the place of is spare if its buffer has no more bytes than this, and else let go of.</summary>
    private const int SpareSize = 8 * 1024;

    /// <summary>The bytes of a session's spare states, if it has more than one.</summary>
    private const int SpareBytesPerOwner = 128 * 1024;

    private readonly Lock _gate = new();
    private readonly LinkedList<KnownState> _needed = [];
    private readonly LinkedList<KnownState> _spare = [];
    private long _bytes;
    private long _spareBytes;

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
            }

            return state;
        }
    }

    /// <summary>Takes the state out that creates needed last, or else the one that was read last, to be put back; null if none is known.</summary>
    public KnownState? TakeNewest(Owner owner)
    {
        lock (_gate)
        {
            var newest = owner.Needed is [.., var needed] ? needed : owner.Spare is [.., var spare] ? spare : null;
            if (newest is not null)
            {
                Remove(newest);
            }

            return newest;
        }
    }

    /// <summary>The state of a sequence, as one that was used just now, held by the caller too; null if it is not known.</summary>
    public SharedState? Hold(Owner owner, long sequence)
    {
        lock (_gate)
        {
            if (owner.Find(sequence) is not { } known || !known.State.TryHold())
            {
                return null;
            }

            Remove(known);
            Add(owner, known, known.IsSpare);
            return known.State;
        }
    }

    /// <summary>The sequences whose states are known, the needed ones first.</summary>
    public IReadOnlyList<long> SequencesOf(Owner owner)
    {
        lock (_gate)
        {
            return [.. owner.Needed.Concat(owner.Spare).Select(state => state.End.Sequence)];
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

    /// <summary>Puts a state in, or back, as the one that is needed most. It is no longer the caller's.</summary>
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
                LetGo(same, ref gone);
            }

            Add(owner, state, isSpare: false);
            if (owner.Needed.Count > NeededPerOwner)
            {
                var before = owner.Needed[0];
                if (before.State.Capacity > SpareSize)
                {
                    LetGo(before, ref gone);
                }
                else
                {
                    Remove(before);
                    AddSpare(owner, before, ref gone);
                }
            }

            while (_bytes > capacity)
            {
                LetGo((_spare.First ?? _needed.First)!.Value, ref gone);
            }
        }

        gone?.ForEach(Return);
    }

    /// <summary>True if a spare state is not known yet and would find room: whoever would have to copy it first asks.</summary>
    public bool MayPutSpare(Owner owner, long sequence, int length)
    {
        lock (_gate)
        {
            return FindsRoom(owner, sequence, length, length);
        }
    }

    /// <summary>
    /// Puts a state in that creates are not likely to need; of such those go for it whose last use is longest ago. It is no longer the caller's.
    /// </summary>
    public void PutSpare(Owner owner, KnownState state)
    {
        List<KnownState>? gone = null;
        lock (_gate)
        {
            if (FindsRoom(owner, state.End.Sequence, state.Bytes.Length, state.State.Capacity))
            {
                AddSpare(owner, state, ref gone);
                while (_bytes > capacity)
                {
                    LetGo(_spare.First!.Value, ref gone);
                }
            }
            else
            {
                (gone ??= []).Add(state);
            }
        }

        gone?.ForEach(Return);
    }

    /// <summary>Lets go of all states of a session.</summary>
    public void Drop(Owner owner)
    {
        List<KnownState>? gone = null;
        lock (_gate)
        {
            foreach (var state in owner.Needed.Concat(owner.Spare).ToArray())
            {
                LetGo(state, ref gone);
            }
        }

        gone?.ForEach(Return);
    }

    /// <summary>
    /// Lets go of all states of a session if they are of another number of destroyed data keys than there are now, for what they were read from,
    /// or were saved as, may be sealed by one of those.
    /// </summary>
    /// <param name="owner">The session.</param>
    /// <param name="destroyedKeys">The number now.</param>
    public void Renew(Owner owner, int destroyedKeys)
    {
        if (owner.DestroyedKeys != destroyedKeys)
        {
            Drop(owner);
            owner.DestroyedKeys = destroyedKeys;
        }
    }

    /// <summary>True if a state of a length may be kept: none that alone would take much of the bound.</summary>
    public bool MayKeep(int length) => length <= capacity / 4;

    private static void Return(KnownState state) => state.State.LetGo();

    private bool FindsRoom(Owner owner, long sequence, int length, int bytes) =>
        MayKeep(length) && owner.Find(sequence) is null && _bytes - _spareBytes + bytes <= capacity;

    private void AddSpare(Owner owner, KnownState state, ref List<KnownState>? gone)
    {
        Add(owner, state, isSpare: true);
        while (owner.SpareBytes > SpareBytesPerOwner && owner.Spare.Count > 1)
        {
            LetGo(owner.Spare[0], ref gone);
        }
    }

    private void LetGo(KnownState state, ref List<KnownState>? gone)
    {
        Remove(state);
        (gone ??= []).Add(state);
    }

    private void Add(Owner owner, KnownState state, bool isSpare)
    {
        (state.Owner, state.IsSpare) = (owner, isSpare);
        _bytes += state.State.Capacity;
        if (isSpare)
        {
            owner.Spare.Add(state);
            owner.SpareBytes += state.State.Capacity;
            _spareBytes += state.State.Capacity;
            _spare.AddLast(state.Node);
        }
        else
        {
            owner.Needed.Add(state);
            _needed.AddLast(state.Node);
        }
    }

    private void Remove(KnownState state)
    {
        var owner = state.Owner!;
        _bytes -= state.State.Capacity;
        if (state.IsSpare)
        {
            owner.Spare.Remove(state);
            owner.SpareBytes -= state.State.Capacity;
            _spareBytes -= state.State.Capacity;
            _spare.Remove(state.Node);
        }
        else
        {
            owner.Needed.Remove(state);
            _needed.Remove(state.Node);
        }

        state.Owner = null;
    }

    /// <summary>One activation of a session, as whose states they are kept. Used under the lock of the states alone.</summary>
    public sealed class Owner
    {
        /// <summary>What creates are likely to need, the one used last at the end.</summary>
        public List<KnownState> Needed { get; } = new(NeededPerOwner + 1);

        /// <summary>What is kept besides, the one used last at the end.</summary>
        public List<KnownState> Spare { get; } = [];

        /// <summary>
        /// How many data keys of the tenant were destroyed when the first of the states came to be known, by the turn of the session; none at first.
        /// </summary>
        public int DestroyedKeys { get; set; }

        /// <summary>The bytes of the buffers of <see cref="Spare"/>.</summary>
        public long SpareBytes { get; set; }

        public KnownState? Find(long sequence) => Find(Needed, sequence) ?? Find(Spare, sequence);

        private static KnownState? Find(List<KnownState> states, long sequence)
        {
            for (var i = states.Count - 1; i >= 0; i--)
            {
                if (states[i].End.Sequence == sequence)
                {
                    return states[i];
                }
            }

            return null;
        }
    }
}
