using Forge.Checkpoints;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Engine;

/// <summary>A session as it ought to be: changed by what was asked for, and by nothing that the engine says of it.</summary>
internal sealed partial class ModelState
{
    private readonly Dictionary<long, ModelRow> _rows = [];
    private readonly List<ModelEvent> _events = [];
    private readonly Dictionary<string, long> _currents = [];

    public ModelState()
    {
    }

    private ModelState(ModelState other)
    {
        (_rows, _events, _currents) = (new(other._rows), [.. other._events], new(other._currents));
        (Writes, HadWrites) = (new(other.Writes), other.HadWrites);
        (Exists, Life, Version, Settings) = (other.Exists, other.Life, other.Version, other.Settings);
        (CreatedAt, LastCreatedAt, DeletedAt) = (other.CreatedAt, other.LastCreatedAt, other.DeletedAt);
        BroughtAt = other.BroughtAt;
        (LastSequence, LastPosition, Head, Current) = (other.LastSequence, other.LastPosition, other.Head, other.Current);
        (_effects, EffectCount, TokenCount) = (new(other._effects), other.EffectCount, other.TokenCount);
        (Count, Bytes, Claim, Origin) = (other.Count, other.Bytes, other.Claim, other.Origin);
        CopySchedule(other);
    }

    /// <summary>The pending writes, with what each is of and its size.</summary>
    public Dictionary<(long Sequence, string Task, int Index), (string Name, int Size)> Writes { get; } = [];

    /// <summary>True if the life of the session had one.</summary>
    public bool HadWrites { get; private set; }

    public bool Exists { get; private set; }

    public int Life { get; private set; } = 1;

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

    /// <summary>What is current on each branch but main.</summary>
    public IReadOnlyDictionary<string, long> Currents => _currents;

    /// <summary>The branches, main as null among them.</summary>
    public IEnumerable<string?> Branches => _currents.Keys.Prepend(null);

    public ModelClaim Claim { get; private set; }

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

    /// <summary>The visible checkpoints that require one, rising.</summary>
    public IEnumerable<long> RequirersOf(long sequence) => Visible.Where(row => row.Requires.Contains(sequence)).Select(row => row.Sequence);

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

    /// <summary>The newest visible checkpoint of a branch; 0 for none.</summary>
    public long HeadOf(string? branch) =>
        branch is null ? Head : Visible.Where(row => row.Branch == branch).Select(row => row.Sequence).DefaultIfEmpty().Max();

    /// <summary>What the next checkpoint of a branch follows; 0 for nothing.</summary>
    public long CurrentOf(string? branch) => branch is null ? Current : _currents.GetValueOrDefault(branch);

    /// <summary>Holds where branches are said to stand against this.</summary>
    public void Check(IReadOnlyDictionary<string, BranchLine> branches) => Assert.Equal(
        _currents.OrderBy(branch => branch.Key, StringComparer.Ordinal).Select(branch => (branch.Key, new BranchLine(
            PointerTo(HeadOf(branch.Key)), PointerTo(branch.Value), Visible.Count(row => row.Branch == branch.Key)))),
        branches.Select(branch => (branch.Key, branch.Value)));

    private CheckpointPointer PointerTo(long sequence) => sequence == 0 ? default : new(sequence, _rows[sequence].Id);

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

    public void Create(CreateCommand command, long parent, DateTimeOffset now, IReadOnlyList<long>? requires = null)
    {
        Begin(now);
        var time = now.ToMicroseconds();
        LastCreatedAt = LastCreatedAt > time ? LastCreatedAt : time;
        BroughtAt = now;
        var branch = command.Input.Branch;
        Add(new ModelRow(
            ++LastSequence, command.Id, LastCreatedAt.Value, ++LastPosition, parent, command.Input.State.Length, command.Input.State.Length,
            command.Input.Tags)
        {
            Branch = branch,
            Requires = requires ?? [],
        });
        Head = branch is null ? LastSequence : Head;
        SetCurrent(branch, LastSequence);
    }

    public void Restore(long sequence, string? branch, DateTimeOffset now)
    {
        var undo = CurrentOf(branch) == 0 ? (long?)null : CurrentOf(branch);
        SetCurrent(branch, sequence);
        Log(SessionEventKind.Restored, sequence, now, detail => detail.Undo == undo && detail.Branch == branch);
    }

    /// <param name="sequence">What goes.</param>
    /// <param name="now">When.</param>
    /// <param name="window">For how long after a create its repeat has to be known.</param>
    public void Delete(long sequence, DateTimeOffset now, TimeSpan window)
    {
        var row = _rows[sequence];
        Hide(row);
        Head = Visible.Where(other => other.Branch is null).Select(other => other.Sequence).DefaultIfEmpty().Max();
        foreach (var branch in Branches.Where(branch => CurrentOf(branch) == sequence).ToList())
        {
            SetCurrent(branch, Nearest(row.Parent));
        }

        if (row.Branch is { } own && HeadOf(own) == 0)
        {
            _currents.Remove(own);
        }

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

    /// <summary>Puts writes under a checkpoint; nothing happens if each is dropped.</summary>
    public void Write(long sequence, IReadOnlyList<WriteCommand> writes, DateTimeOffset now)
    {
        var put = writes.Where(w => w.Input.Mode == WriteMode.Replace || !Writes.ContainsKey(ModelWrites.Key(sequence, w))).ToList();
        if (put.Count == 0)
        {
            return;
        }

        put.ForEach(w => Writes[ModelWrites.Key(sequence, w)] = (w.Input.Name, w.Input.Value.Length));
        HadWrites = true;
        Log(SessionEventKind.Written, sequence, now, detail => detail.Writes!.Select(w => (w.Task, w.Index, w.Name, w.Size))
            .SequenceEqual(put.Select(w => (w.Input.Task, w.Input.Index, w.Input.Name, w.Input.Value.Length))));
    }

    public void SetSettings(string? settings, DateTimeOffset now)
    {
        Begin(now);
        Settings = settings;
    }

    public void ClaimFor(string owner, TimeSpan? lease, DateTimeOffset now)
    {
        Begin(now);
        Claim = new(Claim.Epoch + 1, owner, Micro(now + lease));
        var claim = Claim;
        Log(SessionEventKind.Claimed, 0, now, detail => (detail.Epoch, detail.Owner) == (claim.Epoch, claim.Owner)
            && detail.Until == (claim.Until - DateTimeOffset.UnixEpoch)?.Ticks / 10);
    }

    public void Renew(TimeSpan lease, DateTimeOffset now) => Claim = Claim with { Until = Micro(now + lease) };

    public void Release(DateTimeOffset now)
    {
        var claim = Claim;
        Claim = new(claim.Epoch, null, null);
        Log(SessionEventKind.Released, 0, now, detail =>
            (detail.Epoch, detail.Owner, detail.Until) == (claim.Epoch, claim.Owner, null));
    }

    public void Compact(IReadOnlyCollection<long> going, IReadOnlyCollection<long> trunks, DateTimeOffset now)
    {
        foreach (var sequence in going)
        {
            Assert.True(!Branches.Any(branch => sequence == HeadOf(branch) || sequence == CurrentOf(branch)), $"{sequence} is compacted away");
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
                row.Sequence, row.Id, row.CreatedAt, LastPosition + row.Position, row.Parent, row.Size, row.StoredSize, row.Tags)
            {
                Branch = row.Branch,
                Requires = RequiredText.Read(row.Requires),
            });
            Head = row.Branch is null ? row.Sequence : Head;
            SetCurrent(row.Branch, row.Sequence);
        }

        foreach (var (branch, line) in isFirst ? staged.Lines : new Dictionary<string, BranchLine>())
        {
            SetCurrent(branch == BranchNames.Main ? null : branch, line.Current.Sequence);
        }

        LastSequence = Math.Max(rows[^1].Sequence, staged.LastSequence);
        LastCreatedAt = BroughtAt = rows[^1].CreatedAt;
        LastPosition = Math.Max(LastPosition + rows.Count, staged.LastPosition);
        Settings = isNew ? staged.Settings : Settings;
        AnswerByImport(isNew, now);
        var epoch = Claim.Owner is null && staged.ClaimEpoch > Claim.Epoch ? staged.ClaimEpoch : null;
        Claim = Claim with { Epoch = epoch ?? Claim.Epoch };
        Log(SessionEventKind.Imported, 0, now, detail =>
            detail.Epoch == epoch && detail.First == rows[0].Sequence && detail.Last == rows[^1].Sequence && detail.Count == rows.Count);
    }

    public void BeginFrom(ForkLink origin, DateTimeOffset now)
    {
        Origin = origin;
        Log(SessionEventKind.Forked, 0, now, detail => detail.Origin == OriginDetail.Of(origin));
    }

    public void Clear(DateTimeOffset now)
    {
        var (went, last) = (Visible.ToList(), LastSequence);
        went.ForEach(Hide);
        Head = Current = 0;
        _currents.Clear();
        Log(SessionEventKind.Compacted, 0, now, detail => (detail.Deleted, detail.Remaining) == (went.Count, 0)
            && detail.Ranges!.SequenceEqual(last == 0 ? [] : [1, last]));
        if (LastSequence > 0)
        {
            NewWork.Add(DueWorkKind.Reclaim);
        }
    }

    public void Revive(DateTimeOffset now)
    {
        (DeletedAt, CreatedAt, Life) = (null, now.ToMicroseconds(), Life + 1);
        Log(SessionEventKind.Revived, 0, now);
    }

    public void End(DateTimeOffset now)
    {
        Visible.ToList().ForEach(Hide);

        DeletedAt = CreatedAt = now.ToMicroseconds();
        LastCreatedAt = BroughtAt = null;
        Head = Current = 0;
        _currents.Clear();
        (Settings, Origin, HadWrites) = (null, null, false);
        Claim = new(Claim.Epoch, null, null);
        EndEffects();
        EndSchedule();
        NewWork.Add(DueWorkKind.Erase);
    }

    private void SetCurrent(string? branch, long sequence)
    {
        if (branch is null)
        {
            Current = sequence;
        }
        else
        {
            _currents[branch] = sequence;
        }
    }

    /// <summary>A time as it is stored.</summary>
    public static DateTimeOffset? Micro(DateTimeOffset? time) => time?.ToMicroseconds();

    private void Add(ModelRow row)
    {
        _rows.Add(row.Sequence, row);
        (Count, Bytes) = (Count + 1, Bytes + row.Size);
    }

    private void Hide(ModelRow row)
    {
        Assert.True(row.IsVisible, $"{row.Sequence} is removed twice");
        _rows[row.Sequence] = row with { IsVisible = false };
        Writes.Keys.Where(key => key.Sequence == row.Sequence).ToList().ForEach(key => Writes.Remove(key));
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
