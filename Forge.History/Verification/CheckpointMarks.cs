using System.Security.Cryptography;
using System.Text;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.History.Verification;

/// <summary>What the events of a session say of the checkpoints of one stretch of sequences, and what hangs on these.</summary>
internal sealed class CheckpointMarks(SequenceRange window)
{
    private static readonly IReadOnlyList<SessionEvent> None = [];

    private readonly Dictionary<long, (IReadOnlyList<string> First, IReadOnlyList<string> Last)> _tags = [];
    private readonly Dictionary<long, List<SessionEvent>> _annotated = [];
    private readonly HashSet<long> _deleted = [];
    private readonly List<SequenceRange> _compacted = [];
    private readonly HashSet<long> _trunks = [];
    private readonly List<SequenceRange> _trunkRanges = [];
    private readonly Dictionary<long, HashSet<string>> _index = [];
    private RemovedSequences? _removed;
    private RemovedSequences? _inTrunks;

    public SequenceRange Window => window;

    /// <summary>Takes an event; those of one checkpoint come by rising position.</summary>
    public void Add(SessionEvent happened)
    {
        var detail = EventDetail.Read(happened.Detail);
        switch (happened.Kind)
        {
            case SessionEventKind.Deleted:
                _deleted.Add(happened.Sequence);
                break;
            case SessionEventKind.Annotated:
                ListOf(happened.Sequence).Add(happened);
                break;
            case SessionEventKind.Tagged when detail?.Tags is { } tags:
                _tags[happened.Sequence] = (_tags.TryGetValue(happened.Sequence, out var known) ? known.First : detail.TagsBefore ?? [], tags);
                break;
            case SessionEventKind.Compacted when detail is not null:
                AddCompaction(detail);
                break;
        }
    }

    /// <summary>Takes a row of the index of tags.</summary>
    public void Add(StoredTag tag)
    {
        if (!_index.TryGetValue(tag.Sequence, out var tags))
        {
            _index.Add(tag.Sequence, tags = new HashSet<string>(StringComparer.Ordinal));
        }

        tags.Add(tag.Tag);
    }

    public bool IsRemoved(long sequence) =>
        _deleted.Contains(sequence) || (_removed ??= new RemovedSequences(_compacted)).Cover(sequence);

    /// <summary>True if it was deleted by itself, and not by a compaction.</summary>
    public bool IsDeleted(long sequence) => _deleted.Contains(sequence);

    /// <summary>True if it was marked as a trunk by itself.</summary>
    public bool IsTrunk(long sequence) => _trunks.Contains(sequence);

    /// <summary>True if it was marked as a trunk by a range.</summary>
    public bool IsInTrunks(long sequence) => (_inTrunks ??= new RemovedSequences(_trunkRanges)).Cover(sequence);

    /// <summary>The tags before the first change of them, and after the last; null if they were never changed.</summary>
    public (IReadOnlyList<string> First, IReadOnlyList<string> Last)? TagsOf(long sequence) =>
        _tags.TryGetValue(sequence, out var tags) ? tags : null;

    /// <summary>The events that attached annotations, by rising position.</summary>
    public IReadOnlyList<SessionEvent> AnnotationsOf(long sequence) => _annotated.GetValueOrDefault(sequence) ?? None;

    /// <summary>What the index of tags has of a checkpoint.</summary>
    public IReadOnlySet<string> IndexedOf(long sequence) =>
        _index.TryGetValue(sequence, out var tags) ? tags : new HashSet<string>();

    /// <summary>True if an annotation is the one that an event attached.</summary>
    public static bool IsOf(SessionEvent happened, NewAnnotation note) =>
        happened.Position == note.Position && happened.At == note.At
        && EventDetail.Read(happened.Detail) is { } detail && detail.Severity == (int)note.Severity
        && detail.Text == Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(note.Text)));

    private void AddCompaction(EventDetail detail)
    {
        // Of a compaction of a long session only what concerns these checkpoints is kept.
        _compacted.AddRange(EventDetail.RangesOf(detail.Ranges).Where(IsHere));
        _trunkRanges.AddRange(EventDetail.RangesOf(detail.TrunkRanges).Where(IsHere));

        foreach (var trunk in detail.Trunks ?? [])
        {
            if (trunk >= window.First && trunk <= window.Last)
            {
                _trunks.Add(trunk);
            }
        }

        bool IsHere(SequenceRange range) => range.First <= window.Last && range.Last >= window.First;
    }

    private List<SessionEvent> ListOf(long sequence)
    {
        if (!_annotated.TryGetValue(sequence, out var list))
        {
            _annotated.Add(sequence, list = []);
        }

        return list;
    }
}
