using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>
/// Checkpoints as the committed version of a session shows them: those that were created last, with no gap among them, and those that were
/// read, so many at the most. What a commit may have changed and cannot be told from the commit itself is let go of.
/// </summary>
/// <param name="tail">The newest checkpoints, whose rows are shared as long as nothing is pending that changes them.</param>
/// <param name="last">The greatest sequence of the session that was read, 0 for none; null if what was read is not to be believed.</param>
internal sealed class ShownCheckpoints(SessionTail tail, long? last) : IChangeVisitor
{
    public const int Capacity = SessionTail.Capacity;

    private readonly List<ShownCheckpoint> _items = [];
    private readonly List<SequenceRange> _removed = [];
    private int _passedOver;
    private bool _isLost;

    /// <summary>Every visible checkpoint from this sequence on is here; 1 if all of them are.</summary>
    public long WholeFrom { get; private set; } = (last + 1) ?? long.MaxValue;

    public ShownCheckpoint? Find(long sequence) => IndexOf(sequence) is >= 0 and var index ? _items[index] : null;

    public ShownCheckpoint? Find(CheckpointId id)
    {
        for (var i = _items.Count - 1; i >= 0; i--)
        {
            if (_items[i].Row.Id == id)
            {
                return _items[i];
            }
        }

        return null;
    }

    /// <summary>All that are visible from <see cref="WholeFrom"/> on, in no order.</summary>
    public IEnumerable<ShownCheckpoint> Newest() => _items.Where(shown => shown.Row.Sequence >= WholeFrom);

    /// <summary>Adds one, in the place of what is there of it.</summary>
    public void Put(ShownCheckpoint shown)
    {
        var index = IndexOf(shown.Row.Sequence);
        if (index >= 0)
        {
            _items[index] = shown;
        }
        else
        {
            Add(shown);
        }
    }

    /// <summary>Lets go of all.</summary>
    /// <param name="last">The greatest sequence of the session.</param>
    public void Clear(long last)
    {
        _items.Clear();
        NoteMissing(last);
    }

    /// <summary>Goes on to the version of a commit.</summary>
    public void Apply(SessionCommit commit)
    {
        (_isLost, _passedOver) = (commit.Head.DeletedAt is not null, Math.Max(0, commit.CreateCount - Capacity));
        commit.Apply(this);

        // At the end, whatever the order: what was created with it may follow what it removed.
        if (_isLost)
        {
            _items.Clear();
            WholeFrom = Math.Max(WholeFrom, commit.Head.LastSequence + 1);
        }
        else if (_removed.Count > 0 && _items.Count > 0)
        {
            Remove();
        }

        // There may have been many of them.
        _removed.Clear();
        _removed.TrimExcess();
    }

    public void Visit(Created change)
    {
        if (_passedOver > 0)
        {
            _passedOver--;
            NoteMissing(change.Row.Sequence);
            return;
        }

        // Its parent is there, or something is removed by the same commit.
        var row = tail.Find(change.Row.Sequence) is { FirstTags: null } held && ReferenceEquals(held.Tags, change.Row.Tags)
            ? held
            : change.Row with { Stored = default };
        Add(new ShownCheckpoint(row, row.Parent, []));
    }

    public void Visit(Tagged change)
    {
        if (IndexOf(change.Sequence) is >= 0 and var index)
        {
            var row = _items[index].Row;
            _items[index] = _items[index] with { Row = row with { Tags = change.Tags, FirstTags = row.FirstTags ?? row.Tags } };
        }
    }

    public void Visit(Annotated change)
    {
        // How much is noted of a checkpoint is not bounded, and mostly nothing is.
        if (IndexOf(change.Note.Sequence) is >= 0 and var index)
        {
            _items[index] = _items[index] with { Annotations = null };
        }
    }

    public void Visit(Removed change) => _removed.Add(new SequenceRange(change.Sequence, change.Sequence));

    public void Visit(RangeRemoved change) => _removed.Add(change.Range);

    public void Visit(TookOver change) => _isLost = true;

    public void Visit(Revived change) => _isLost = true;

    public void Visit(Mended change)
    {
        if (IndexOf(change.Copy.Sequence) is >= 0 and var index)
        {
            _items[index] = _items[index] with { Row = _items[index].Row with { StoredSize = change.Copy.Stored.Length } };
        }
    }

    /// <summary>Nothing that is shown: a trunk has lost a child, which is a removal of its own.</summary>
    public void Visit(TrunksMarked change)
    {
    }

    /// <summary>Nothing: where branches stand, the head says.</summary>
    public void Visit(BranchMoved change)
    {
    }

    public void Visit(Wrote change)
    {
    }

    public void Visit(Logged change)
    {
    }

    public void Visit(Remembered change)
    {
    }

    public void Visit(Due change)
    {
    }

    public void Visit(Labelled change)
    {
    }

    public void Visit(Claimed change)
    {
    }

    public void Visit(BeganFrom change)
    {
    }

    public void Visit(EffectSet change)
    {
    }

    public void Visit(EffectsRemoved change)
    {
    }

    public void Visit(DueStateMoved change)
    {
    }

    private void Add(ShownCheckpoint shown)
    {
        if (_items.Count >= Capacity)
        {
            for (var i = 0; i < Capacity / 4; i++)
            {
                NoteMissing(_items[i].Row.Sequence);
            }

            _items.RemoveRange(0, Capacity / 4);
        }

        _items.Add(shown);
    }

    /// <summary>Takes out what was removed. What followed it has the nearest ancestor of that, if it is known.</summary>
    private void Remove()
    {
        var least = _items.Min(shown => shown.KeptParent > 0 ? shown.KeptParent : shown.Row.Sequence);
        _removed.RemoveAll(range => range.Last < least);
        var rest = new List<ShownCheckpoint>(_items.Count);
        foreach (var shown in _items)
        {
            if (IsRemoved(shown.Row.Sequence))
            {
                continue;
            }

            long? kept = shown.KeptParent;
            while (kept is { } gone && IsRemoved(gone))
            {
                kept = Find(gone)?.KeptParent;
            }

            if (kept is { } there)
            {
                rest.Add(shown with { KeptParent = there });
            }
            else
            {
                NoteMissing(shown.Row.Sequence);
            }
        }

        _items.Clear();
        _items.AddRange(rest);
    }

    private bool IsRemoved(long sequence) => _removed.Exists(range => sequence >= range.First && sequence <= range.Last);

    private void NoteMissing(long sequence) => WholeFrom = Math.Max(WholeFrom, sequence + 1);

    private int IndexOf(long sequence)
    {
        // Mostly it is the newest, which was added last.
        var index = _items.Count - 1;
        while (index >= 0 && _items[index].Row.Sequence != sequence)
        {
            index--;
        }

        return index;
    }
}
