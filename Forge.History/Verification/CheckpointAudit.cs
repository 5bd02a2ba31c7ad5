using System.Security.Cryptography;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Deltas;
using Forge.History.Encryption;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Integrity;

namespace Forge.History.Verification;

/// <summary>Holds one checkpoint with all that hangs on it against the chain and what the events say of it.</summary>
internal sealed class CheckpointAudit(
    IStoredSession session, ChainWalk walk, IReadOnlyList<ImportSegment> imports, DamageReport report)
{
    private readonly HashSet<long> _damagedStates = [];
    private ReadOnlyMemory<byte> _state;
    private long _stateSequence;
    private StoredCheckpoint _row = null!;
    private bool _fits;

    /// <summary>True if something of the checkpoint that was checked last could not be, since the key that opens it cannot be had.</summary>
    public bool IsUnopened { get; private set; }

    /// <summary>True if the checkpoint is as it was written, as far as it can be opened.</summary>
    /// <param name="stored">What is stored.</param>
    /// <param name="row">Its row.</param>
    /// <param name="annotations">The annotations that are stored of it.</param>
    /// <param name="marks">What the events say.</param>
    /// <param name="hasPlace">False if its position cannot be, so that it has no place in the chain.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async Task<bool> CheckAsync(
        StoredRow stored,
        StoredCheckpoint row,
        IReadOnlyList<NewAnnotation> annotations,
        CheckpointMarks marks,
        bool hasPlace,
        CancellationToken cancellationToken)
    {
        (_row, _fits) = (row, hasPlace);
        var import = imports.FirstOrDefault(i => i.Has(row.Position));

        // What an import brought along is in its link; what was attached later has an event.
        var brought = annotations.Where(a => import is not null && a.Position < import.Event).ToList();
        IsUnopened = stored.IsUnopened || annotations.Any(a => SealedMarks.IsSealed(a.Severity));
        var hasLink = !stored.IsUnopened && !brought.Exists(a => SealedMarks.IsSealed(a.Severity));
        // With the first step of a removal that is final, its tags and annotations go; the row may be kept for others.
        var isStripped = stored.Hidden && (stored.Removed || marks.IsDeleted(row.Sequence));
        _fits = _fits && walk.Take(row, value => ImportedValues(value, isStripped, row, brought, marks), !hasLink);
        CheckTags(isStripped, import is not null, marks);
        CheckTrunk(stored.IsInTrunks, import is not null, marks);
        CheckAnnotations(annotations.Where(a => import is null || a.Position >= import.Event), isStripped, marks);
        if (row.Chain is not null && stored.Hidden != marks.IsRemoved(row.Sequence))
        {
            Wrong(DamageKind.Visibility, stored.Hidden ? "it is hidden and was never removed" : "it is shown and was removed");
        }

        if (!stored.IsUnopened)
        {
            await CheckStateAsync(cancellationToken);
        }

        return _fits;
    }

    private static IEnumerable<byte[]> ImportedValues(
        byte[] value, bool isStripped, StoredCheckpoint row, List<NewAnnotation> brought, CheckpointMarks marks)
    {
        if (isStripped && brought.Count == 0)
        {
            // Kept for others alone, and its annotations are gone, which its link covers. What can be told is its state.
            yield return row.Chain!;
        }

        var tags = marks.TagsOf(row.Sequence)?.First ?? row.Tags;
        Annotation[] notes = [.. brought.Select(a => new Annotation(a.Position, a.At, a.Severity, a.Text))];
        yield return HistoryChain.NextImported(value, row, tags, row.Trunk, notes);
        if (row.Trunk && marks.IsTrunk(row.Sequence))
        {
            // It was marked here, after it had come without the mark.
            yield return HistoryChain.NextImported(value, row, tags, false, notes);
        }
    }

    private void CheckTags(bool isStripped, bool imported, CheckpointMarks marks)
    {
        var changed = marks.TagsOf(_row.Sequence);
        if (_row.Chain is not null && (changed is { } tags
            ? _row.FirstTags is null || !_row.Tags.SequenceEqual(tags.Last, StringComparer.Ordinal)
            : _row.FirstTags is not null && !imported))
        {
            Wrong(DamageKind.Tags, "its tags are not those that it was last given");
        }

        var indexed = marks.IndexedOf(_row.Sequence);
        if (!indexed.SetEquals(_row.Tags) && !(isStripped && indexed.Count == 0))
        {
            Wrong(DamageKind.Tags, "the index of tags has others than its row");
        }
    }

    private void CheckTrunk(bool isInTrunks, bool imported, CheckpointMarks marks)
    {
        if (_row.Chain is null)
        {
            return;
        }

        // By itself or by a range: each has to be as the events say, or a range would cover a mark that nobody made.
        var marked = marks.IsTrunk(_row.Sequence);
        if ((_row.Trunk ? !marked && !imported : marked) || isInTrunks != marks.IsInTrunks(_row.Sequence))
        {
            Wrong(DamageKind.Trunk, marked || !isInTrunks ? "it was marked as a trunk and is not" : "it is marked as a trunk and was not");
        }
    }

    private void CheckAnnotations(IEnumerable<NewAnnotation> annotations, bool isStripped, CheckpointMarks marks)
    {
        if (_row.Chain is null)
        {
            return;
        }

        var attached = marks.AnnotationsOf(_row.Sequence).ToDictionary(e => e.Position);
        foreach (var note in annotations)
        {
            if (!attached.Remove(note.Position, out var happened))
            {
                Wrong(DamageKind.Annotation, $"its annotation {note.Position} was never attached");
            }
            else if (!SealedMarks.IsSealed(note.Severity) && !CheckpointMarks.IsOf(happened, note))
            {
                Wrong(DamageKind.Annotation, $"its annotation {note.Position} is not what was attached");
            }
        }

        foreach (var (position, happened) in isStripped ? [] : attached)
        {
            // One from before sessions were chained says nothing that its note could be held against.
            if (happened.Chain is not null)
            {
                Wrong(DamageKind.Annotation, $"its annotation {position} is missing");
            }
        }
    }

    /// <summary>Decodes the state, mostly on the one before it, which is at hand.</summary>
    private async Task CheckStateAsync(CancellationToken cancellationToken)
    {
        if (_row.StoredSize != _row.Stored.Length)
        {
            Wrong(DamageKind.State, $"it has {_row.Stored.Length} stored bytes where its row says {_row.StoredSize}");
        }

        try
        {
            var isNext = _row.Base is { } known && known == _stateSequence;
            _state = isNext
                ? StateDecoder.Decode(new EncodedState(_row), _state.Span)
                : StateDecoder.Decode(
                    new EncodedState(_row),
                    _row.Base is null ? [] : (await session.WithBasesAsync(_row, cancellationToken)).Bases);
            _stateSequence = _row.Sequence;
        }
        catch (KeyMissingException)
        {
            // Of what it stands on.
            IsUnopened = true;
            return;
        }
        catch (UndecodableStateException exception)
        {
            _fits = false;
            if (exception.Sequence == _row.Sequence || !_damagedStates.Contains(exception.Sequence))
            {
                Damaged(exception.Problem);
            }

            return;
        }

        if (!SHA256.HashData(_state.Span).AsSpan().SequenceEqual(_row.Checksum))
        {
            Damaged("its bytes do not have the SHA-256 they were saved with");
        }
    }

    private void Damaged(string problem)
    {
        // What stands on it can't be decoded either, and need not be named one by one.
        if (_damagedStates.Count < DamageReport.Capacity)
        {
            _damagedStates.Add(_row.Sequence);
        }

        Wrong(DamageKind.State, problem);
    }

    private void Wrong(DamageKind kind, string problem)
    {
        _fits = false;
        report.Add(kind, _row.Position, _row.Sequence, problem);
    }
}
