using System.Collections.Immutable;
using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Engine;

/// <summary>
/// A store of one session as plain as can be: applies commits under the version of the head and answers reads. Through it alone
/// the model knows what a commit holds.
/// </summary>
internal sealed partial class ModelStore : IChangeVisitor
{
    private readonly SortedDictionary<long, StoredCheckpoint> _rows = [];
    private readonly HashSet<CheckpointId> _ids = [];
    private readonly HashSet<long> _gone = [];
    private readonly Dictionary<string, SessionBranch> _branches = [];
    private readonly Dictionary<long, List<Annotation>> _notes = [];
    private readonly Dictionary<string, StoredEffect> _effects = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _requests = [];
    private readonly Dictionary<long, IReadOnlyList<StoredCheckpoint>> _staged = [];
    private long _lastSequence;

    public SessionHead? Head { get; private set; }

    public long Version => Head?.Version ?? 0;

    public List<SessionEvent> Events { get; } = [];

    /// <summary>The link to the origin; null if there never was one.</summary>
    public ForkLink? Origin { get; private set; }

    public HashSet<Guid> NewRequests { get; } = [];

    public HashSet<DueWorkKind> NewWork { get; } = [];

    /// <summary>The labels that the session is found by.</summary>
    public IReadOnlyList<StoredLabel> Labels { get; private set; } = [];

    public int Count => _rows.Count;

    private IEnumerable<StoredCheckpoint> NewestFirst => _rows.Values.Reverse().Where(row => !_gone.Contains(row.Sequence));

    public CommitStatus Write(SessionCommit commit)
    {
        if (commit.ExpectedVersion != Version)
        {
            return CommitStatus.Conflict;
        }

        if (commit.Changes.Any(c => c is TookOver { Key: var key } && !_staged.ContainsKey(key)))
        {
            return CommitStatus.Refused;
        }

        var ids = commit.Changes.SelectMany(IdsOf).ToList();
        if (ids.Exists(_ids.Contains) || ids.Distinct().Count() < ids.Count
            || commit.Changes.Any(c => c is Remembered { Request: var request } && _requests.Contains(request.Id)))
        {
            return CommitStatus.Duplicate;
        }

        NewRequests.Clear();
        NewWork.Clear();
        commit.Apply(this);
        Assert.Equal(commit.Changes.OfType<Due>().Count(), NewWork.Count);
        Head = commit.Head;
        if (Head.DeletedAt is not null)
        {
            _gone.UnionWith(_rows.Keys);
            foreach (var effect in _effects.Values.Where(effect => !effect.IsToken).ToList())
            {
                _effects.Remove(effect.Key);
            }
        }

        return CommitStatus.Committed;
    }

    public void Stage(long key, IReadOnlyList<StoredCheckpoint> rows) => _staged.Add(key, rows);

    public void GiveUp(long key) => _staged.Remove(key);

    /// <summary>What an activation reads first.</summary>
    public HeadRead? ReadHead() => Head is null ? null : new HeadRead(Head, IdOf(Head.Head), IdOf(Head.Current))
    {
        Branches = Branches,
        Writes = Writes,
    };

    /// <summary>Where the branches stand, by their rows.</summary>
    public ImmutableSortedDictionary<string, BranchLine> Branches => Head?.DeletedAt is not null ? HeadRead.NoBranches
        : HeadRead.NoBranches.AddRange(_branches.Values.Select(b => KeyValuePair.Create(
            b.Branch, new BranchLine(new(b.Head, IdOf(b.Head)), new(b.Current, IdOf(b.Current)), b.Count))));

    public Versioned<StoredCheckpoint?> Read(CheckpointReference reference)
    {
        var row = reference.Sequence > 0 ? _rows.GetValueOrDefault(reference.Sequence) : _rows.Values.FirstOrDefault(r => r.Id == reference.Id);
        return new(Version, row is null || _gone.Contains(row.Sequence) ? null : row);
    }

    /// <summary>The effects that are stored.</summary>
    public IReadOnlyDictionary<string, StoredEffect> Effects => _effects;

    public Versioned<StoredEffect?> ReadEffect(string key) =>
        new(Version, Head?.DeletedAt is null ? _effects.GetValueOrDefault(key) : null);

    /// <summary>The visible checkpoints that require one.</summary>
    public Requirers RequirersOf(long sequence)
    {
        var found = NewestFirst.Reverse().Where(row => RequiredText.Read(row.Requires).Contains(sequence)).Select(row => row.Sequence).ToList();
        return new Requirers(found.Count, [.. found.Take(Requirers.Most)]);
    }

    public Versioned<CheckpointPointer?> ReadNearest(long sequence)
    {
        while (_gone.Contains(sequence) || (sequence > 0 && !_rows.ContainsKey(sequence)))
        {
            sequence = _rows.GetValueOrDefault(sequence)?.Parent ?? 0;
        }

        return new(Version, sequence == 0 ? null : new CheckpointPointer(sequence, _rows[sequence].Id));
    }

    public Versioned<CheckpointPointer?> ReadBelow(string? branch, long sequence) => new(
        Version, NewestFirst.FirstOrDefault(row => row.Branch == branch && row.Sequence < sequence) is { } row ? new(row.Sequence, row.Id) : null);

    public Versioned<CompactionSurvey> Survey(RetentionPolicy policy, DateTimeOffset now)
    {
        var surveyor = new Surveyor(policy, now, ReadHead()?.Heads ?? new HashSet<long>(), ReadHead()?.Currents ?? new HashSet<long>());
        foreach (var row in NewestFirst)
        {
            var tagged = policy.KeepTags is { } tags && row.Tags.Any(tags.Contains);
            surveyor.Add(new Surveyed(row.Sequence, row.Parent, row.Size, row.StoredSize, row.CreatedAt, row.Trunk, tagged, row.Branch, row.Requires));
        }

        return new(Version, surveyor.Finish(Head?.LastSequence ?? 0));
    }

    /// <summary>True if a row is what the model has.</summary>
    public bool IsSame(ModelRow expected) => _rows.TryGetValue(expected.Sequence, out var row)
        && IsSame(row, expected)
        && row.Trunk == expected.Trunk
        && _gone.Contains(row.Sequence) != expected.IsVisible
        && TextOf(NotesOf(row.Sequence)) == expected.Notes;

    /// <summary>The notes of a checkpoint, oldest first.</summary>
    public IReadOnlyList<Annotation> NotesOf(long sequence) => [.. _notes.GetValueOrDefault(sequence, [])];

    /// <summary>Notes as the model has them.</summary>
    public static string TextOf(IReadOnlyList<Annotation> notes) => string.Concat(notes.Select(note => $"{note.Position}:{note.Text};"));

    /// <summary>True if what a checkpoint says of itself is what the model has.</summary>
    public static bool IsSame(StoredCheckpoint row, ModelRow expected) =>
        row.Sequence == expected.Sequence && row.Id == expected.Id && row.CreatedAt == expected.CreatedAt
        && row.Position == expected.Position && row.Parent == expected.Parent && row.Branch == expected.Branch
        && row.Requires == RequiredText.Of(expected.Requires)
        && row.Size == expected.Size && row.StoredSize == expected.StoredSize
        && row.Tags.SequenceEqual(expected.Tags)
        && (row.FirstTags is null ? expected.FirstTags is null : expected.FirstTags is { } first && row.FirstTags.SequenceEqual(first));

    public void Visit(Created change)
    {
        Assert.True(change.Row.Sequence > Math.Max(_lastSequence, Head?.LastSequence ?? 0));
        Add(change.Row);
    }

    public void Visit(EffectSet change)
    {
        Assert.Null(change.Row.WholeProblemIn(ModelWorld.Address));
        _effects[change.Row.Key] = change.Row;
    }

    public void Visit(EffectsRemoved change)
    {
        foreach (var key in change.Keys)
        {
            Assert.True(_effects.Remove(key));
        }
    }

    public void Visit(Tagged change)
    {
        var row = _rows[change.Sequence];
        _rows[change.Sequence] = row with { Tags = change.Tags, FirstTags = row.FirstTags ?? row.Tags };
    }

    public void Visit(Mended change)
    {
        if (_rows.TryGetValue(change.Copy.Sequence, out var row))
        {
            _rows[row.Sequence] = row with { Codec = change.Copy.Codec, StoredSize = change.Copy.Stored.Length };
        }
    }

    public void Visit(Annotated change)
    {
        var note = change.Note;
        _notes[note.Sequence] = [.. NotesOf(note.Sequence), new Annotation(note.Position, note.At, note.Severity, note.Text)];
    }

    public void Visit(Removed change) => Assert.True(_rows.ContainsKey(change.Sequence) && _gone.Add(change.Sequence));

    public void Visit(RangeRemoved change) =>
        _gone.UnionWith(_rows.Keys.Where(s => s >= change.Range.First && s <= change.Range.Last));

    public void Visit(TrunksMarked change)
    {
        foreach (var row in NewestFirst.Where(r => r.Sequence >= change.Range.First && r.Sequence <= change.Range.Last).ToList())
        {
            _rows[row.Sequence] = row with { Trunk = true };
        }
    }

    public void Visit(BranchMoved change)
    {
        if (change.Branch.Count == 0)
        {
            // One that began in the same commit was never there.
            _branches.Remove(change.Branch.Branch);
        }
        else
        {
            var (branch, head, current, count, seal) = change.Branch;
            Assert.Equal(RowSeal.OfBranch(ModelWorld.Address, branch, head, current, count), seal);
            _branches[change.Branch.Branch] = change.Branch;
        }
    }

    public void Visit(Logged change) => Events.Add(change.Event);

    public void Visit(Remembered change) => Assert.True(_requests.Add(change.Request.Id) && NewRequests.Add(change.Request.Id));

    public void Visit(Claimed change)
    {
    }

    public void Visit(DueStateMoved change)
    {
    }

    public void Visit(Revived change)
    {
        Assert.NotNull(Head!.DeletedAt);
        _branches.Clear();
    }

    public void Visit(Due change) => NewWork.Add(change.Kind);

    public void Visit(Labelled change) => Labels = change.Labels;

    public void Visit(TookOver change)
    {
        Assert.True(_staged.Remove(change.Key, out var rows));
        Assert.True(rows[0].Sequence > Math.Max(_lastSequence, Head?.LastSequence ?? 0));
        foreach (var row in rows)
        {
            Add(row with { Position = row.Position + change.Offset });
        }
    }

    public void Visit(BeganFrom change)
    {
        Assert.Null(Origin);
        Assert.Null(Head);
        Origin = change.Link;
        Assert.Equal(Events[^1].At, Origin.At);
    }

    private void Add(StoredCheckpoint row)
    {
        Assert.True(_ids.Add(row.Id));
        _rows.Add(row.Sequence, row);
        _lastSequence = row.Sequence;
    }

    private IEnumerable<CheckpointId> IdsOf(SessionChange change) => change switch
    {
        Created { Row: var row } => [row.Id],
        TookOver { Key: var key } => _staged[key].Select(row => row.Id),
        _ => [],
    };

    private CheckpointId IdOf(long sequence) => sequence == 0 ? default : _rows[sequence].Id;
}
