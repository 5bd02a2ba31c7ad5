using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Log;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.History.Verification;

/// <summary>
/// One verification of one session: reads its rows a page at a time, by rising sequence, and brings in the events and removed
/// runs at their positions.
/// </summary>
internal sealed class SessionAudit(
    SessionAddress address, IStoredSession stored, IReadOnlyList<Anchor> anchors, Func<long, ValueTask>? pace)
{
    private const int PageEvents = 500;

    /// <summary>About what a row takes beside its state.</summary>
    private const long RowBytes = 512;

    /// <summary>What is kept in memory of the events and tags of some checkpoints, about, but for one checkpoint.</summary>
    private const long MarksBytes = 8 * 1024 * 1024;

    /// <summary>How many sequences one reading of the events is good for at the most.</summary>
    private const long WindowSequences = 16 * 1024;

    private readonly DamageReport _report = new();
    private readonly AnchorChecks _anchors = new(anchors);
    private readonly LogMerge _log = new(
        async (after, limit, cancel) => await stored.EventsAsync(after, limit, cancel),
        async (after, limit, cancel) => await stored.RunsAsync(after, limit, cancel),
        long.MinValue,
        PageEvents);

    private List<ImportSegment> _imports = [];
    private BranchAudit _branches = null!;
    private RequirementAudit _requirements = null!;
    private CheckpointMarks _marks = new(new SequenceRange(1, 0));
    private ChainWalk _walk = null!;
    private long _reach = WindowSequences;
    private long _valid;
    private long _unopened;
    private long _visible;
    private long _visibleBytes;
    private long _lastPosition;
    private bool _readAll = true;

    public async Task<VerifyResult> RunAsync(CancellationToken cancellationToken)
    {
        _imports = await ReadImportsAsync(cancellationToken);
        _branches = new BranchAudit(address, await stored.BranchesAsync(cancellationToken), stored.Head.LastPosition, _report);
        _requirements = new RequirementAudit(stored, _report);
        _walk = new ChainWalk(address, stored.Head, _imports, _anchors, _report);
        var audit = new CheckpointAudit(stored, _walk, _imports, _report);
        var after = long.MinValue;
        StoredRow? held = null;
        while (await stored.RowsAsync(after, cancellationToken) is { Count: > 0 } rows)
        {
            // One row is held back, since what follows a row tells whether its position can be.
            after = rows[^1].Sequence;
            await CheckAsync(held is null ? rows : [held, .. rows], isLast: false, audit, cancellationToken);
            held = rows[^1];
            var bytes = rows.Sum(r => (long)(r.Row?.Stored.Length ?? 0));
            await (pace?.Invoke(bytes + (rows.Count * RowBytes)) ?? ValueTask.CompletedTask);
        }

        if (held is not null)
        {
            await CheckAsync([held], isLast: true, audit, cancellationToken);
        }

        await ReportOrphansAsync(
            Orphans.Tags, DamageKind.Tags, "the index of tags names a checkpoint that is not there", cancellationToken);
        await ReportOrphansAsync(
            Orphans.Annotations, DamageKind.Annotation, "there are annotations of a checkpoint that is not there", cancellationToken);
        await _requirements.CheckIndexAsync(cancellationToken);
        await new WriteAudit(address, stored, _report).RunAsync(pace, cancellationToken);
        await AdvanceAsync(long.MaxValue, cancellationToken);
        await new EffectAudit(address, stored, _walk.Effects, _report).RunAsync(cancellationToken);
        OriginAudit.Check(stored.Head, await stored.OriginAsync(cancellationToken), _walk.Forked, _report);
        End();
        return new VerifyResult
        {
            Valid = _valid,
            Invalid = _report.Places,
            FirstInvalid = _report.Damages.Count > 0 ? _report.Damages[0] : null,
            Damages = [.. _report.Damages],
            Anchors = _anchors.Result,
            Removed = _walk.Removed,
            Unchained = _walk.Unchained,
            Unopened = _unopened,
            Head = stored.Head.Chain is { } chain
                ? new Anchor(stored.Head.LastPosition, Convert.ToHexStringLower(chain))
                : null,
        };
    }

    private void End()
    {
        _walk.End();
        _branches.End(_readAll);
        if (_readAll && (_visible, _visibleBytes) != (stored.Head.Count, stored.Head.Bytes))
        {
            _report.Add(DamageKind.Head, stored.Head.LastPosition, 0,
                $"the head row: it counts {stored.Head.Count} checkpoints of {stored.Head.Bytes} bytes, and there are {_visible} of {_visibleBytes}");
        }
    }

    private async Task CheckAsync(
        IReadOnlyList<StoredRow> page, bool isLast, CheckpointAudit audit, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredRow> rows = isLast ? page : [.. page.SkipLast(1)];
        if (rows.Count == 0)
        {
            return;
        }

        var annotations = (await stored.AnnotationsAsync(new SequenceRange(rows[0].Sequence, rows[^1].Sequence), cancellationToken))
            .ToLookup(a => a.Sequence);
        await _requirements.ReadAsync(rows, cancellationToken);
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            await MoveWindowAsync(row.Sequence, cancellationToken);
            if (row.Row is not { } checkpoint)
            {
                _readAll = false;
                _report.Add(DamageKind.Checkpoint, 0, row.Sequence, $"its row cannot be read: {row.Problem}");
                continue;
            }

            var hasPlace = CanStand(checkpoint, i + 1 < page.Count ? page[i + 1].Row : null);
            if (hasPlace)
            {
                _lastPosition = checkpoint.Position;
                await AdvanceAsync(checkpoint.Position, cancellationToken);
            }
            else
            {
                _report.Add(DamageKind.Checkpoint, checkpoint.Position, checkpoint.Sequence,
                    $"its position {checkpoint.Position} is not between those of its neighbours");
            }

            var fits = await audit.CheckAsync(
                row, checkpoint, [.. annotations[row.Sequence]], _marks, hasPlace, cancellationToken)
                & _requirements.Check(row, checkpoint);
            if (!row.Hidden)
            {
                (_visible, _visibleBytes) = (_visible + 1, _visibleBytes + checkpoint.Size);
                _branches.Meet(checkpoint);
                _valid += fits && !audit.IsUnopened ? 1 : 0;
                _unopened += fits && audit.IsUnopened ? 1 : 0;
            }
        }
    }

    private async Task ReportOrphansAsync(Orphans of, DamageKind kind, string problem, CancellationToken cancellationToken)
    {
        var after = long.MinValue;
        while (await stored.OrphansAsync(of, after, PageEvents, cancellationToken) is { Count: > 0 } page)
        {
            after = page[^1];
            foreach (var sequence in page)
            {
                _report.Add(kind, 0, sequence, problem);
            }
        }
    }

    /// <summary>Takes what stands in the log before a position beside the rows of checkpoints.</summary>
    private async Task AdvanceAsync(long position, CancellationToken cancellationToken)
    {
        await foreach (var entry in _log.BeforeAsync(position, cancellationToken))
        {
            _walk.Take(entry);
        }
    }

    /// <summary>Reads what the events say of the checkpoints around a sequence, if it was not read yet.</summary>
    private async Task MoveWindowAsync(long sequence, CancellationToken cancellationToken)
    {
        if (_marks.Window.First <= _marks.Window.Last && sequence <= _marks.Window.Last)
        {
            return;
        }

        var window = await WindowAsync(sequence, cancellationToken);
        _marks = new CheckpointMarks(window);
        var after = long.MinValue;
        while (await stored.CompactionsAsync(after, PageEvents, cancellationToken) is { Count: > 0 } page)
        {
            after = page[^1].Position;
            Add(page);
        }

        (var of, after) = (window.First, long.MinValue);
        while (await stored.EventsOfAsync(of, after, window.Last, PageEvents, cancellationToken) is { Count: > 0 } page)
        {
            (of, after) = (page[^1].Sequence, page[^1].Position);
            Add(page);
        }

        foreach (var tag in await stored.TagsAsync(window, cancellationToken))
        {
            _marks.Add(tag);
        }

        void Add(IReadOnlyList<SessionEvent> page)
        {
            foreach (var happened in page)
            {
                _marks.Add(happened);
            }
        }
    }

    /// <summary>Sequences from one on: as many as what is kept of them leaves room for, and that one at least.</summary>
    private async Task<SequenceRange> WindowAsync(long sequence, CancellationToken cancellationToken)
    {
        for (_reach = Math.Min(WindowSequences, Math.Max(1, _reach * 4)); ; _reach /= 4)
        {
            var window = new SequenceRange(sequence, sequence > long.MaxValue - _reach ? long.MaxValue : sequence + _reach);
            if (_reach == 0 || await stored.MarksBytesAsync(window, cancellationToken) <= MarksBytes)
            {
                return window;
            }
        }
    }

    /// <summary>
    /// True if a row can stand at the position that it names: positions rise with sequences. One that cannot is told by its
    /// neighbours, so that the log is not walked to a place where nothing else stands.
    /// </summary>
    private bool CanStand(StoredCheckpoint row, StoredCheckpoint? next) =>
        ChainWalk.IsUnchained(row, stored.Head)
        || (row.Position > _lastPosition && row.Position <= stored.Head.LastPosition
            && (next is null || row.Position < next.Position || next.Position <= _lastPosition));

    private async Task<List<ImportSegment>> ReadImportsAsync(CancellationToken cancellationToken)
    {
        var (imports, after) = (new List<ImportSegment>(), long.MinValue);
        while (await stored.ImportsAsync(after, PageEvents, cancellationToken) is { Count: > 0 } page)
        {
            after = page[^1].Position;
            imports.AddRange(page.Select(ImportSegment.Of).OfType<ImportSegment>());
        }

        return imports;
    }
}
