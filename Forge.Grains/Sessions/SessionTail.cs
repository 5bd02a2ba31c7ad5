using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>
/// The newest visible checkpoints, without their states, with no gap among them: from some sequence on, it holds every one.
/// Bounded, but for those that are asked to stay; empty after an activation, when it says nothing. Of what was removed from it, it keeps
/// the parents for a while.
/// </summary>
internal sealed class SessionTail
{
    public const int Capacity = 64;

    /// <summary>Of so many of those that were removed the parents are kept.</summary>
    public const int GoneCapacity = 4 * Capacity;

    private readonly List<StoredCheckpoint> _items = [];
    private readonly Dictionary<long, long> _parentsOfGone = [];
    private readonly Queue<long> _gone = [];

    /// <summary>The newest one of a branch but for one; null if the tail does not reach it.</summary>
    public StoredCheckpoint? NewestExcept(long sequence, string? branch) => _items.FindLast(c => c.Sequence != sequence && c.Branch == branch);

    /// <summary>Those of a greater sequence, oldest first; null if the tail does not reach down to it.</summary>
    public IReadOnlyList<StoredCheckpoint>? After(long sequence) =>
        _items.Count > 0 && _items[0].Sequence <= sequence + 1 ? _items.FindAll(c => c.Sequence > sequence) : null;

    /// <summary>
    /// Those that require one. If the tail holds that one it holds all of them, since each is newer than what it requires.
    /// </summary>
    public Requirers RequirersOf(long sequence)
    {
        var found = _items.FindAll(c => c.Requires is { } requires && RequiredText.Read(requires).Contains(sequence)).ConvertAll(c => c.Sequence);
        return found.Count == 0 ? Requirers.None : new Requirers(found.Count, found[..Math.Min(found.Count, Requirers.Most)]);
    }

    public StoredCheckpoint? Find(CheckpointId id) => _items.Find(c => c.Id == id);

    public StoredCheckpoint? Find(long sequence)
    {
        var index = IndexOf(sequence);
        return index >= 0 ? _items[index] : null;
    }

    /// <summary>Looks for a checkpoint, or else its nearest ancestor that is there.</summary>
    /// <param name="sequence">The checkpoint; 0 for that before a root.</param>
    /// <param name="nearest">What was found; null if none of them is there.</param>
    /// <returns>False if the tail does not know.</returns>
    public bool TryFindNearest(long sequence, out StoredCheckpoint? nearest)
    {
        for (; sequence > 0; sequence = _parentsOfGone[sequence])
        {
            nearest = Find(sequence);
            if (nearest is not null)
            {
                return true;
            }

            if (!_parentsOfGone.ContainsKey(sequence))
            {
                return false;
            }
        }

        nearest = null;
        return true;
    }

    /// <param name="checkpoint">The next newest.</param>
    /// <param name="keepAfter">Those of a greater sequence stay, however many they are.</param>
    public void Add(StoredCheckpoint checkpoint, long keepAfter)
    {
        if (_items.Count >= Capacity)
        {
            var dispensable = _items.FindIndex(c => c.Sequence > keepAfter);
            _items.RemoveRange(0, Math.Min(_items.Count - (Capacity * 3 / 4), dispensable < 0 ? _items.Count : dispensable));
        }

        // The state goes with the commit; the tail keeps what a later command has to know of the row.
        _items.Add(checkpoint with { Stored = default });
    }

    public void Remove(long sequence)
    {
        var index = IndexOf(sequence);
        if (index >= 0)
        {
            NoteGone(_items[index]);
            _items.RemoveAt(index);
        }
    }

    public void RemoveIn(SequenceRange range)
    {
        _items.FindAll(IsIn).ForEach(NoteGone);
        _items.RemoveAll(IsIn);

        bool IsIn(StoredCheckpoint checkpoint) => checkpoint.Sequence >= range.First && checkpoint.Sequence <= range.Last;
    }

    public void Replace(StoredCheckpoint checkpoint)
    {
        var index = IndexOf(checkpoint.Sequence);
        if (index >= 0)
        {
            _items[index] = checkpoint;
        }
    }

    /// <summary>Takes over how large a checkpoint became when it was stored; nothing if it is not in the tail.</summary>
    public void NoteStored(long sequence, int storedSize)
    {
        var index = IndexOf(sequence);
        if (index >= 0 && _items[index].StoredSize != storedSize)
        {
            _items[index] = _items[index] with { StoredSize = storedSize };
        }
    }

    public void Clear()
    {
        _items.Clear();
        _parentsOfGone.Clear();
        _gone.Clear();
    }

    private void NoteGone(StoredCheckpoint checkpoint)
    {
        if (!_parentsOfGone.TryAdd(checkpoint.Sequence, checkpoint.Parent))
        {
            return;
        }

        _gone.Enqueue(checkpoint.Sequence);
        if (_gone.Count > GoneCapacity)
        {
            _parentsOfGone.Remove(_gone.Dequeue());
        }
    }

    private int IndexOf(long sequence)
    {
        // Commands mostly name what was created last.
        for (var i = _items.Count - 1; i >= 0 && _items[i].Sequence >= sequence; i--)
        {
            if (_items[i].Sequence == sequence)
            {
                return i;
            }
        }

        return -1;
    }
}
