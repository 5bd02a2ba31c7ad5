using Forge.Checkpoints;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Tests.Engine;

/// <summary>A session as it ought to be: changed by what was asked for, and by nothing that the engine says of it.</summary>
internal sealed class ModelState
{
    private readonly Dictionary<long, ModelRow> _rows = [];
    private readonly List<ModelEvent> _events = [];

    public ModelState()
    {
    }

    private ModelState(ModelState other)
    {
        (_rows, _events) = (new(other._rows), [.. other._events]);
        (Exists, Version, Settings) = (other.Exists, other.Version, other.Settings);
        (CreatedAt, LastCreatedAt, DeletedAt) = (other.CreatedAt, other.LastCreatedAt, other.DeletedAt);
        BroughtAt = other.BroughtAt;
        (LastSequence, LastPosition, Head, Current) = (other.LastSequence, other.LastPosition, other.Head, other.Current);
        (Count, Bytes, Origin) = (other.Count, other.Bytes, other.Origin);
    }

    public bool Exists { get; private set; }

    public long Version { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset? LastCreatedAt { get; private set; }

    /// <summary>What the clock said at the newest create, as far as an activation knows.</summary>
    public DateTimeOffset? BroughtAt { get; private set; }

    public DateTimeOffset? DeletedAt { get; private set; }

    public long LastSequence { get; private set; }

    public long LastPosition { get; private set; }

    public long Head { get; private set; }

    public long Current { get; private set; }

    public string? Settings { get; private set; }

    /// <summary>What it was forked from; null for nothing.</summary>
    public ForkLink? Origin { get; private set; }

    /// <summary>Every checkpoint there ever was, by rising sequence.</summary>
    public IReadOnlyDictionary<long, ModelRow> Rows => _rows;

    public IReadOnlyList<ModelEvent> Events => _events;

    public IEnumerable<ModelRow> Visible => _rows.Values.Where(row => row.IsVisible);

    public long Count { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>What the changes since <see cref="BeginVersion"/> are to be remembered under, and the kinds of work they note.</summary>
    public HashSet<Guid> NewRequests { get; } = [];

    public HashSet<DueWorkKind> NewWork { get; } = [];

    public ModelState Copy() => new(this);

    /// <summary>The state as an activation reads it, which has seen no clock but its own.</summary>
    public ModelState Read() => new(this) { BroughtAt = LastCreatedAt };

    public bool IsVisible(long sequence) => _rows.TryGetValue(sequence, out var row) && row.IsVisible;

    /// <summary>A checkpoint, or else its nearest ancestor that is visible; 0 for none.</summary>
    public long Nearest(long sequence)
    {
        while (sequence != 0 && !IsVisible(sequence))
        {
            sequence = _rows.TryGetValue(sequence, out var row) ? row.Parent : 0;
        }

        return sequence;
    }

    public void BeginVersion()
    {
        Version++;
        NewRequests.Clear();
        NewWork.Clear();
    }

    /// <summary>Takes over what became of states when they were encoded.</summary>
    public void NoteStored(SessionCommit commit)
    {
        foreach (var change in commit.Changes)
        {
            var (sequence, size) = change switch
            {
                Created { Row: var row } => (row.Sequence, row.StoredSize),
                Mended { Copy: var copy } => (copy.Sequence, copy.Stored.Length),
                _ => default,
            };
            if (sequence > 0)
            {
                _rows[sequence] = _rows[sequence] with { StoredSize = size };
            }
        }
    }

    public void Create(CreateCommand command, long parent, DateTimeOffset now)
    {
        Begin(now);
        var time = now.ToMicroseconds();
        LastCreatedAt = LastCreatedAt > time ? LastCreatedAt : time;
        BroughtAt = now;
        Head = Current = ++LastSequence;
        Add(new ModelRow(
            LastSequence, command.Id, LastCreatedAt.Value, ++LastPosition, parent, command.Input.State.Length, command.Input.State.Length, command.Input.Tags));
    }

    public void Restore(long sequence, DateTimeOffset now)
    {
        var undo = Current == 0 ? (long?)null : Current;
        Current = sequence;
        Log(SessionEventKind.Restored, sequence, now, detail => detail.Undo == undo);
    }

    /// <param name="sequence">What goes.</param>
    /// <param name="now">When.</param>
    /// <param name="window">For how long after a create its repeat has to be known.</param>
    public void Delete(long sequence, DateTimeOffset now, TimeSpan window)
    {
        var row = _rows[sequence];
        Hide(row);
        Head = Visible.Select(other => other.Sequence).DefaultIfEmpty().Max();
        Current = Current == sequence ? Nearest(row.Parent) : Current;
        Log(SessionEventKind.Deleted, sequence, now);
        NewWork.Add(DueWorkKind.Reclaim);
        if (now - row.CreatedAt <= window)
        {
            NewRequests.Add(row.Id.Value);
        }
    }

    public void Annotate(long sequence, string note, DateTimeOffset now)
    {
        Log(SessionEventKind.Annotated, sequence, now);
        _rows[sequence] = _rows[sequence] with { Notes = $"{_rows[sequence].Notes}{LastPosition}:{note};" };
    }

    public void SetTags(long sequence, IReadOnlyList<string> tags, DateTimeOffset now)
    {
        var row = _rows[sequence];
        _rows[sequence] = row with { Tags = tags, FirstTags = row.FirstTags ?? row.Tags };
        Log(SessionEventKind.Tagged, sequence, now, detail =>
            detail.Tags!.SequenceEqual(tags) && detail.TagsBefore!.SequenceEqual(row.Tags));
    }

    public void SetSettings(string? settings, DateTimeOffset now)
    {
        Begin(now);
        Settings = settings;
    }

    public void Compact(IReadOnlyCollection<long> going, IReadOnlyCollection<long> trunks, DateTimeOffset now)
    {
        foreach (var sequence in going)
        {
            Assert.True(sequence != Head && sequence != Current, $"{sequence} is compacted away");
            Hide(_rows[sequence]);
        }

        foreach (var sequence in trunks)
        {
            _rows[sequence] = _rows[sequence] with { Trunk = true };
        }

        var left = Count;
        Log(SessionEventKind.Compacted, 0, now, detail => detail.Deleted == going.Count && detail.Remaining == left);
        NewWork.Add(DueWorkKind.Reclaim);
    }

    public void Import(StagedCheckpoints staged, IReadOnlyList<StoredCheckpoint> rows, DateTimeOffset now)
    {
        var (isNew, isFirst) = (!Exists, LastSequence == 0);
        Begin(staged.SessionCreatedAt ?? now);
        foreach (var row in rows)
        {
            Add(new ModelRow(
                row.Sequence, row.Id, row.CreatedAt, LastPosition + row.Position, row.Parent, row.Size, row.StoredSize, row.Tags));
        }

        Head = rows[^1].Sequence;
        Current = isFirst ? staged.Current?.Sequence ?? 0 : Head;
        LastSequence = Math.Max(Head, staged.LastSequence);
        LastCreatedAt = BroughtAt = rows[^1].CreatedAt;
        LastPosition = Math.Max(LastPosition + rows.Count, staged.LastPosition);
        Settings = isNew ? staged.Settings : Settings;
        Log(SessionEventKind.Imported, 0, now, detail =>
            detail.First == rows[0].Sequence && detail.Last == rows[^1].Sequence && detail.Count == rows.Count);
    }

    public void BeginFrom(ForkLink origin, DateTimeOffset now)
    {
        Origin = origin;
        Log(SessionEventKind.Forked, 0, now, detail => detail.Origin == OriginDetail.Of(origin));
    }

    public void End(DateTimeOffset now)
    {
        Visible.ToList().ForEach(Hide);

        DeletedAt = CreatedAt = now.ToMicroseconds();
        LastCreatedAt = null;
        LastSequence = LastPosition = Head = Current = 0;
        (Settings, Origin) = (null, null);
        NewWork.Add(DueWorkKind.Erase);
    }

    private void Add(ModelRow row)
    {
        _rows.Add(row.Sequence, row);
        (Count, Bytes) = (Count + 1, Bytes + row.Size);
    }

    private void Hide(ModelRow row)
    {
        Assert.True(row.IsVisible, $"{row.Sequence} is removed twice");
        _rows[row.Sequence] = row with { IsVisible = false };
        (Count, Bytes) = (Count - 1, Bytes - row.Size);
    }

    private void Begin(DateTimeOffset now)
    {
        if (!Exists)
        {
            (Exists, CreatedAt) = (true, now.ToMicroseconds());
        }
    }

    private void Log(SessionEventKind kind, long sequence, DateTimeOffset now, Func<EventDetail, bool>? holds = null) =>
        _events.Add(new ModelEvent(
            ++LastPosition, kind, sequence, LastSequence, now.ToMicroseconds(), new(Head, Current, Count, Bytes), holds ?? (_ => true)));
}

/// <summary>A checkpoint of the model.</summary>
internal sealed record ModelRow(
    long Sequence,
    Identity.CheckpointId Id,
    DateTimeOffset CreatedAt,
    long Position,
    long Parent,
    int Size,
    int StoredSize,
    IReadOnlyList<string> Tags)
{
    public IReadOnlyList<string>? FirstTags { get; init; }

    public bool Trunk { get; init; }

    public bool IsVisible { get; init; } = true;

    public string Notes { get; init; } = "";
}

/// <summary>An event of the model.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Sequence">To what.</param>
/// <param name="LastSequence">The greatest sequence given out before it.</param>
/// <param name="At">When.</param>
/// <param name="After">What the session was after it.</param>
/// <param name="Holds">What else has to hold of its detail.</param>
internal sealed record ModelEvent(
    long Position,
    SessionEventKind Kind,
    long Sequence,
    long LastSequence,
    DateTimeOffset At,
    SessionTotals After,
    Func<EventDetail, bool> Holds);
