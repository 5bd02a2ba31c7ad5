using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Integrity;

namespace Forge.History.Verification;

/// <summary>
/// Walks a session's log by rising position, over the rows of creates, the events and the removed runs, and holds every chain
/// value against the one before it. After damage it goes on from what is stored, so that the damage is located and what
/// follows is still checked.
/// </summary>
internal sealed class ChainWalk(
    SessionAddress address, SessionHead head, IReadOnlyList<ImportSegment> imports, AnchorChecks anchors, DamageReport report)
{
    private readonly byte[] _genesis = HistoryChain.Genesis(address, head.Incarnation);

    /// <summary>What the next link must follow.</summary>
    private byte[]? _value;

    /// <summary>
    /// After a link that does not fit: the value that it should have. If the next link follows this one, it was the chain
    /// value itself that was changed, and nothing else.
    /// </summary>
    private byte[]? _alternative;

    private ImportSegment? _inside;
    private byte[]? _outside;
    private byte[]? _outsideAlternative;
    private long _next = 1;

    /// <summary>True if a link is missing, so that the next one cannot be held against anything.</summary>
    private bool _torn;

    // What the log comes to; null if it says nothing of it, as after a removed run of other events than creates.
    private long? _count = 0;
    private long? _bytes = 0;
    private long? _head = 0;
    private long? _current = 0;
    private long? _lastSequence = 0;
    private DateTimeOffset? _lastCreatedAt;
    private (long Epoch, string? Owner)? _claim;

    public long Unchained { get; private set; }

    public long Removed { get; private set; }

    /// <summary>What the newest event of each effect tells, and where it stands.</summary>
    public Dictionary<string, (long Position, EffectDetail Detail)> Effects { get; } = new(StringComparer.Ordinal);

    /// <summary>The event that tells from where the session was forked; null if there is none.</summary>
    public SessionEvent? Forked { get; private set; }

    /// <summary>Takes the row of a checkpoint.</summary>
    /// <param name="row">The row.</param>
    /// <param name="imported">The values that an imported checkpoint may have after a value; not used for any other.</param>
    /// <param name="isUnopened">True if its link cannot be told, for it is sealed: its chain value is taken as it stands.</param>
    /// <returns>False if it does not fit.</returns>
    public bool Take(StoredCheckpoint row, Func<byte[], IEnumerable<byte[]>> imported, bool isUnopened)
    {
        var position = row.Position;
        if (IsUnchained(row, head))
        {
            // Imports of versions before the chain gave no positions.
            Unchained++;
            return true;
        }

        if (isUnopened && row.Chain is { } chain)
        {
            Enter(position);
            var stands = Link(DamageKind.Checkpoint, position, row.Sequence, chain, _ => [chain]);
            Count(row);
            return stands;
        }

        if (position != _next && row.Chain is not null && _value is not null && Same(HistoryChain.Next(_value, row with { Position = _next }), row.Chain))
        {
            report.Add(DamageKind.Checkpoint, _next, row.Sequence, $"its position is {position} and was {_next}");
            position = _next;
            row = row with { Position = position };
            Link(DamageKind.Checkpoint, position, row.Sequence, row.Chain, value => [HistoryChain.Next(value, row)]);
            Count(row);
            return false;
        }

        Enter(position);
        var fits = _inside is not null
            ? Link(DamageKind.Checkpoint, position, row.Sequence, row.Chain, imported)
            : Link(DamageKind.Checkpoint, position, row.Sequence, row.Chain, value => [HistoryChain.Next(value, row)]);
        Count(row);
        return fits;
    }

    /// <summary>True for a checkpoint that was imported before sessions were chained, which has no position.</summary>
    public static bool IsUnchained(StoredCheckpoint row, SessionHead head) =>
        row.Position == 0 && row.Chain is null && head is { ChainedAfter: > 0, Incarnation: 1 };

    /// <summary>Takes what stands in the log beside the rows of checkpoints.</summary>
    public void Take(LogEntry entry)
    {
        switch (entry)
        {
            case CreatedEntry created:
                Take(created);
                break;
            case EventEntry { Event: { Kind: SessionEventKind.Created } unreadable }:
                TakeUnreadable(unreadable);
                break;
            case EventEntry other:
                Take(other.Event);
                break;
            case GapEntry { Run: { } run }:
                Take(run);
                break;
        }
    }

    /// <summary>Takes the create of a checkpoint whose row is gone. Its seal is what holds it; its link cannot be told.</summary>
    private void Take(CreatedEntry created)
    {
        Enter(created.Position);
        if (!Reach(DamageKind.Event, created.Position, created.Sequence))
        {
            return;
        }

        anchors.Meet(created.Position, created.Chain);
        Removed++;
        (_value, _alternative, _torn, _next) = (created.Chain, null, false, created.Position + 1);
        Count(created.Position, created.Sequence, created.Size, created.At);
    }

    /// <summary>Takes a create of a removed checkpoint that says not what was written.</summary>
    private void TakeUnreadable(SessionEvent happened)
    {
        Enter(happened.Position);
        report.Add(DamageKind.Event, happened.Position, happened.Sequence, "it is not what was written");
        if (Reach(DamageKind.Event, happened.Position, happened.Sequence))
        {
            // Neither its value nor what it counted can be relied on.
            (_value, _alternative, _torn, _next) = (happened.Chain, null, true, happened.Position + 1);
            (_head, _current, _count, _bytes, _lastSequence, _lastCreatedAt) = (null, null, null, null, null, null);
            Removed++;
        }
    }

    /// <summary>Takes an event that is no create.</summary>
    private void Take(SessionEvent happened)
    {
        if (imports.FirstOrDefault(i => i.Event == happened.Position) is { } import)
        {
            Leave(import);
        }

        else if (happened is { Kind: SessionEventKind.Imported, Chain: null } && happened.Position <= head.ChainedAfter && head.Incarnation == 1)
        {
            _next = Math.Max(_next, happened.Position);
        }
        else if (happened.Kind == SessionEventKind.Imported || EventDetail.Read(happened.Detail)?.Links is not null)
        {
            // The positions before it can't be told without what it said, so that its own value can't either.
            report.Add(DamageKind.Event, happened.Position, 0, "it is not what an import wrote");
        }

        Link(DamageKind.Event, happened.Position, happened.Sequence, happened.Chain, value => [HistoryChain.Next(value, happened)]);
        Forked ??= happened.Kind == SessionEventKind.Forked ? happened : null;
        var detail = EventDetail.Read(happened.Detail);
        var after = detail?.After;
        (_head, _current, _count, _bytes) = (after?.Head, after?.Current, after?.Count, after?.Bytes);
        if (detail?.Epoch is { } epoch)
        {
            _claim = (epoch, happened.Kind == SessionEventKind.Claimed ? detail.Owner : null);
        }
        else if (detail is null)
        {
            // What it said of a claim is not known.
            _claim = null;
        }

        if (detail?.Effect is { IsKnown: true } effect)
        {
            Effects[effect.Key] = (happened.Position, effect);
        }

        _lastSequence = happened.LastSequence;
    }

    /// <summary>Takes a removed run.</summary>
    private void Take(RemovedRun run)
    {
        if (run.Seal != RowSeal.OfRun(run) || run.LastPosition < run.FirstPosition)
        {
            report.Add(DamageKind.Removal, run.FirstPosition, 0, "its record is not what was written");
        }

        if (!Reach(DamageKind.Removal, run.FirstPosition, 0) || run.LastPosition < run.FirstPosition)
        {
            return;
        }

        if (imports.FirstOrDefault(i => i.Has(run.LastPosition)) is { } import && import != _inside)
        {
            (_inside, _outside, _outsideAlternative) = run.FirstPosition == import.First && !_torn
                ? (import, _value ?? _genesis, _alternative)
                : (import, null, null);
        }

        anchors.Meet(run);
        var links = run.LastPosition - run.FirstPosition + 1;
        Removed += links;
        (_value, _alternative, _torn, _next) = (run.Chain, null, false, run.LastPosition + 1);
        (_head, _current, _count, _bytes) = links == run.Creates
            ? (run.LastSequence, run.LastSequence, _count + run.Creates, _bytes + run.Bytes)
            : ((long?)null, (long?)null, (long?)null, (long?)null);
        _claim = links == run.Creates ? _claim : null;
        if (run.Creates > 0)
        {
            (_lastSequence, _lastCreatedAt) = (Math.Max(_lastSequence ?? 0, run.LastSequence), null);
        }
    }

    /// <summary>Holds the head row against what the log came to.</summary>
    public void End()
    {
        var ended = Reach(DamageKind.Missing, head.LastPosition + 1, 0);
        if (head.Seal != RowSeal.OfHead(address, head, head.LastBatch) && (head.Seal is not null || head.Chain is not null || head.ChainedAfter == 0))
        {
            Wrong("it is not what was written");
        }

        if (!ended)
        {
            Wrong($"its last position is {head.LastPosition}, and the log goes to {_next - 1}");
        }
        else if (!_torn && !Same(head.Chain, _value) && !Same(head.Chain, _alternative))
        {
            Wrong("its chain value is not that of the last position");
        }

        if (_lastSequence is { } sequence && sequence != head.LastSequence)
        {
            Wrong($"its last sequence is {head.LastSequence}, and the log gave out {sequence}");
        }

        if (_lastCreatedAt is { } created && created != head.LastCreatedAt)
        {
            Wrong($"its last time of creation is {head.LastCreatedAt:O}, and the newest checkpoint has {created:O}");
        }

        Compare("head", head.Head, _head);
        Compare("current checkpoint", head.Current, _current);
        Compare("count", head.Count, _count);
        Compare("sum of sizes", head.Bytes, _bytes);
        if (_claim is { } claim && claim != (head.ClaimEpoch ?? 0, head.ClaimOwner))
        {
            Wrong($"its claim is not the newest of the log, that of epoch {claim.Epoch}");
        }

        void Compare(string what, long has, long? comes)
        {
            if (comes is { } value && value != has)
            {
                Wrong($"its {what} is {has}, and the log comes to {value}");
            }
        }

        void Wrong(string problem) => report.Add(DamageKind.Head, head.LastPosition, 0, $"the head row: {problem}");
    }

    /// <summary>Comes to a position, which must be the next; false if it was passed already.</summary>
    private bool Reach(DamageKind kind, long position, long sequence)
    {
        if (position < _next)
        {
            if (kind != DamageKind.Missing)
            {
                report.Add(
                    kind == DamageKind.Removal ? kind : DamageKind.Surplus, position, sequence,
                    $"it stands at position {position}, after position {_next - 1}");
            }

            return false;
        }

        PassUnrecorded(position);
        if (position > _next)
        {
            report.Add(DamageKind.Missing, _next, 0, position == _next + 1
                ? $"position {_next} is gone without a record"
                : $"positions {_next} to {position - 1} are gone without a record");
            (_torn, _next) = (true, position);
        }

        return true;
    }

    /// <summary>
    /// Passes positions whose rows went before sessions were chained, or with a life of the session before: nothing was left for them, so
    /// that nothing can be said of them, nor of what the log comes to over them.
    /// </summary>
    private void PassUnrecorded(long position)
    {
        var last = Math.Min(position - 1, head.ChainedAfter);
        if (_next > last || _value is not null)
        {
            return;
        }

        if (head.Incarnation > 1)
        {
            anchors.Pass(_next, last);
            Removed += last - _next + 1;
        }
        else
        {
            Unchained += last - _next + 1;
        }

        (_head, _current, _count, _bytes, _lastSequence, _lastCreatedAt) = (null, null, null, null, null, null);
        _next = last + 1;
    }

    private bool Link(
        DamageKind kind, long position, long sequence, byte[]? chain, Func<byte[], IEnumerable<byte[]>> values)
    {
        if (!Reach(kind, position, sequence))
        {
            return false;
        }

        _next = position + 1;
        if (chain is null && _value is null && position <= head.ChainedAfter && head.Incarnation == 1)
        {
            Unchained++;
            _torn = false;
            return true;
        }

        anchors.Meet(position, chain);
        var expected = values(_value ?? _genesis).ToList();
        var fits = chain is not null && (_torn || expected.Exists(v => Same(v, chain))
            || (_alternative is not null && values(_alternative).Any(v => Same(v, chain))));
        if (!fits)
        {
            report.Add(kind, position, sequence, chain is null
                ? "it has no chain value"
                : "it is not what was written, or its chain value is not");
        }

        (_value, _alternative, _torn) = (chain ?? expected[0], fits ? null : expected[0], false);
        return fits;
    }

    private void Enter(long position)
    {
        if (_inside is null && imports.FirstOrDefault(i => i.Has(position)) is { } import)
        {
            // Positions before the import end where it begins.
            Reach(DamageKind.Missing, import.First, 0);
            (_outside, _outsideAlternative) = _torn ? (null, null) : (_value ?? _genesis, _alternative);
            (_inside, _value, _alternative, _torn) = (import, import.Begin, null, false);
        }
    }

    private void Leave(ImportSegment import)
    {
        // What lies between its last checkpoint and its event are positions of the session that it came from.
        Reach(DamageKind.Missing, import.Last + 1, 0);
        if (_inside == import && !_torn && !Same(_value, import.End) && !Same(_alternative, import.End))
        {
            report.Add(DamageKind.Event, import.Event, 0, "its imported checkpoints are not those that it took in");
        }

        (_value, _alternative) = _inside == import && _outside is not null ? (_outside, _outsideAlternative) : (import.Before, null);
        (_inside, _outside, _outsideAlternative, _torn, _next) = (null, null, null, false, Math.Max(_next, import.Event));
    }

    private void Count(StoredCheckpoint row) => Count(row.Position, row.Sequence, row.Size, row.CreatedAt, row.Branch is null);

    private void Count(long position, long sequence, long size, DateTimeOffset createdAt, bool isOnMain = true)
    {
        if (position + 1 != _next)
        {
            return;
        }

        // Of what was imported, the import's event says what the session came to. Of what went, the event of its removal does, also if
        // it was of another branch than main.
        (_head, _current) = isOnMain ? (sequence, sequence) : (_head, _current);
        (_count, _bytes) = (_count + 1, _bytes + size);
        (_lastSequence, _lastCreatedAt) = (Math.Max(_lastSequence ?? 0, sequence), createdAt);
    }

    private static bool Same(byte[]? a, byte[]? b) =>
        a is null || b is null ? a is null && b is null : a.AsSpan().SequenceEqual(b);
}
