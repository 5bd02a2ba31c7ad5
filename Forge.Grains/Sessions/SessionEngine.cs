using System.Diagnostics;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Usage;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Sessions;

/// <summary>
/// The rules of one session: numbers commands, decides what they change, and keeps what is accepted until it is committed.
/// Deterministic: no I/O, clock, ids or tasks of its own; used by one thread at a time.
/// </summary>
/// <remarks>
/// There are two heads: the committed one, and the projected one that also counts what is pending. Commands are decided
/// on the projected head. If a refusal would rest on something pending, the engine asks the caller to wait for it
/// instead, since it may yet fail; an acceptance may rest on it, because both then stand or fall together.
/// </remarks>
internal sealed partial class SessionEngine
{
    private readonly SessionAddress _address;
    private readonly TimeSpan _requestWindow;
    private readonly int _mostBranches;
    private readonly IGrowthBound? _bound;
    private readonly SessionTail _tail = new();
    private readonly RecentChanges _removals = new();
    private readonly RecentChanges _tagChanges = new();
    private readonly List<PendingChange> _queue = [];
    private readonly List<PendingChange> _inFlight = [];
    private readonly Dictionary<Guid, PendingChange> _pendingRequests = [];
    private readonly Dictionary<long, PendingChange> _pendingDeletes = [];
    private readonly Dictionary<long, (PendingChange Change, IReadOnlyList<string> Tags)> _pendingTags = [];
    private readonly Dictionary<string, PendingChange> _pendingEffects = new(StringComparer.Ordinal);
    private readonly RecentChanges<string> _effectChanges = new();
    private HeadRead? _committed;
    private HeadRead? _projected;

    // What the clock said at the newest create of this activation; null before there is one. The times of checkpoints are not
    // those of the clock after it was set back, for they never fall.
    private DateTimeOffset? _committedAt;
    private DateTimeOffset? _projectedAt;
    private long _key;
    private long? _surveyedFrom;

    /// <summary>Makes the engine of a session.</summary>
    /// <param name="address">The session.</param>
    /// <param name="committed">Its head row; null if it has none.</param>
    /// <param name="requestWindow">How long a create whose checkpoint went is remembered.</param>
    /// <param name="mostBranches">How many branches it may have, main among them.</param>
    /// <param name="bound">What keeps its tenant from having more than it may; null for nothing.</param>
    public SessionEngine(
        SessionAddress address, HeadRead? committed, TimeSpan requestWindow, int mostBranches, IGrowthBound? bound = null)
    {
        _address = address;
        _requestWindow = requestWindow;
        _mostBranches = mostBranches;
        _bound = bound;
        _shown = new ShownCheckpoints(_tail, committed is not { Head: var head } ? 0
            : head.Seal == RowSeal.OfHead(address, head, head.LastBatch) ? head.LastSequence
            : null);
        _committed = _projected = committed;
        _key = committed?.Head.Key ?? 0;
        Links.Add(committed?.Head.LastPosition ?? 0, committed?.Head.Chain);
    }

    /// <summary>Links of the committed chain.</summary>
    public KnownLinks Links { get; } = new();

    /// <summary>The newest head known to be committed; null if the session has none.</summary>
    public HeadRead? Committed => _committed;

    /// <summary>Its version; 0 if there is none.</summary>
    public long CommittedVersion => _committed?.Head.Version ?? 0;

    /// <summary>The newest version in which it saw checkpoints go; 0 for none.</summary>
    public long NewestRemoval => _removals.Newest;

    /// <summary>A compaction that is about to remove checkpoints; null if none is. It does not say the ids of what it removes.</summary>
    public PendingChange? PendingCompaction => _inFlight.Find(c => c.RemovesRanges) ?? _queue.Find(c => c.RemovesRanges);

    /// <summary>The newest version that this engine can have made, committed or in flight. A read that sees a later one was
    /// overtaken by another activation.</summary>
    public long NewestVersion => CommittedVersion + (_inFlight.Count > 0 ? 1 : 0);

    /// <summary>True if the session has no head row, and none is pending.</summary>
    public bool IsNew => _projected is null;

    /// <summary>True if a key must be assigned before the next commit.</summary>
    public bool NeedsKey => _key == 0 && _queue.Count > 0;

    /// <summary>True if something waits for a commit that needs room on the disk.</summary>
    public bool NeedsRoom => _queue.Exists(static c => c.NeedsRoom);

    /// <summary>True if something is accepted and not yet settled.</summary>
    public bool HasPending => _queue.Count > 0 || _inFlight.Count > 0;

    /// <summary>How many checkpoints there are once all that is pending is committed.</summary>
    public long ProjectedCount => ProjectedHead?.Count ?? 0;

    /// <summary>True if a branch but main is there, or will be once all that is pending is committed.</summary>
    public bool HasBranches => _committed?.Branches.Count > 0 || _projected?.Branches.Count > 0;

    /// <summary>The newest sequence once all that is pending is committed.</summary>
    public long ProjectedSequence => ProjectedHead?.LastSequence ?? 0;

    private SessionHead? ProjectedHead => _projected?.Head;

    /// <summary>Gives a session that has no head row the key that its row will have.</summary>
    public void AssignKey(long key) => _key = key;

    /// <summary>
    /// Takes what is pending, in order, for one commit; null if nothing is. No other commit may begin before
    /// <see cref="EndCommit"/>.
    /// </summary>
    /// <param name="maxRecords">Stop before more records than this, but take one change at least.</param>
    /// <param name="maxWeight">Stop before more bytes than this, but take one change at least.</param>
    public SessionCommit? BeginCommit(int maxRecords, long maxWeight)
    {
        if (_inFlight.Count > 0)
        {
            throw new InvalidOperationException("A commit of this session is in flight.");
        }

        if (_queue.Count == 0)
        {
            return null;
        }

        var (take, records, weight) = (0, 0, 0L);
        do
        {
            records += _queue[take].Records;
            weight += _queue[take].Weight;
            take++;
        }
        while (take < _queue.Count && records + _queue[take].Records <= maxRecords && weight + _queue[take].Weight <= maxWeight);

        _inFlight.AddRange(_queue[..take]);
        _queue.RemoveRange(0, take);
        return BuildCommit(weight);
    }

    /// <summary>
    /// Says how the commit that began last ended, and settles what was in it. Its creates may be encoded by now.
    /// </summary>
    /// <remarks>
    /// After anything but success everything that queued behind it is settled the same way: it was numbered on what is not
    /// there. Their numbers are free again, because the projected head goes back to the committed one.
    /// </remarks>
    public void EndCommit(SessionCommit commit, CommitOutcome outcome)
    {
        if (outcome.Status == CommitStatus.Committed)
        {
            _committed = _inFlight[^1].After with { Head = commit.Head };
            _committedAt = commit.Head.DeletedAt is not null ? null
                : _inFlight.FindLast(c => c.BroughtAt is not null)?.BroughtAt ?? _committedAt;
            NoteCommitted(commit);
            _inFlight.ForEach(c => Settle(c, outcome));
            _inFlight.Clear();
            return;
        }

        Fail(outcome);
    }

    /// <summary>Settles everything that is pending as failed, and goes back to the committed head.</summary>
    public void Fail(CommitOutcome outcome)
    {
        var failed = _inFlight.Concat(_queue).ToList();
        _inFlight.Clear();
        _queue.Clear();
        (_projected, _projectedAt) = (_committed, _committedAt);

        // A key that an import brought along is given up with it: its rows are no longer anybody's.
        _key = _committed?.Head.Key ?? 0;
        _tail.Clear();
        failed.ForEach(c => Settle(c, outcome));
    }

    /// <summary>
    /// The pending change that a request id belongs to; null if none does. A repeat waits for it and is then answered
    /// from what was committed.
    /// </summary>
    public PendingChange? FindPending(Guid requestId) => _pendingRequests.GetValueOrDefault(requestId);

    /// <summary>The newest change of the commit in flight; null if none is.</summary>
    public PendingChange? NewestInFlight => _inFlight is [.., var sent] ? sent : null;

    /// <summary>The newest pending change; null if there is none.</summary>
    public PendingChange? NewestPending => _queue is [.., var queued] ? queued : NewestInFlight;

    /// <summary>A committed checkpoint that the tail holds; null if it has to be read.</summary>
    public StoredCheckpoint? FindInTail(CheckpointReference reference)
    {
        var found = reference.Sequence > 0 ? _tail.Find(reference.Sequence)
            : reference.Id.IsEmpty ? null
            : _tail.Find(reference.Id);
        return found is not null && found.Sequence <= (_committed?.Head.LastSequence ?? 0) ? found : null;
    }

    private void RequireAlive()
    {
        if (_committed?.Head.DeletedAt is not null)
        {
            throw new SessionDeletedException(_address);
        }
    }

    /// <summary>The change that is about to delete the session; null if none is.</summary>
    private PendingChange? PendingErasure => ProjectedHead?.DeletedAt is not null ? NewestPending : null;

    /// <summary>The compaction that is about to remove a checkpoint; null if none is.</summary>
    private PendingChange? PendingRemovalOf(long sequence) => _queue.Concat(_inFlight)
        .FirstOrDefault(c => c.RemovesInRange(sequence));

    private HeadRead ProjectedOrNew(DateTimeOffset now) => _projected ?? new HeadRead(
        new SessionHead { Key = 0, Version = 0, CreatedAt = now.ToMicroseconds() }, default, default);

    /// <summary>
    /// The chain value that the next position follows: the head's, or if nothing of the session is chained yet, its
    /// beginning.
    /// </summary>
    private byte[] ChainOf(SessionHead head) => head.Chain ?? HistoryChain.Genesis(_address, head.Incarnation);

    private Decision Accept(PendingChange change)
    {
        // Two attempts of one request in one commit would fail each other, and all that is pending with them.
        if (FindSameRequest(change) is { } same)
        {
            return Decision.WaitFor(same);
        }

        Bound(change);
        _queue.Add(change);
        (_projected, _projectedAt) = (change.After, change.BroughtAt ?? _projectedAt);
        for (var i = 0; i < change.Changes.Count; i++)
        {
            switch (change.Changes[i])
            {
                case Created { Row: var row }:
                    _pendingRequests.Add(row.Id.Value, change);
                    _tail.Add(row, _surveyedFrom ?? _committed?.Head.LastSequence ?? 0);
                    break;
                case Remembered { Request: var request }:
                    // The create of a checkpoint that is deleted is remembered under an id that is not this change's own.
                    _pendingRequests.TryAdd(request.Id, change);
                    break;
                case Removed { Sequence: var sequence }:
                    _pendingDeletes.Add(sequence, change);
                    _tail.Remove(sequence);
                    break;
                case Tagged { Sequence: var sequence, Tags: var tags }:
                    _pendingTags[sequence] = (change, tags);
                    break;
                case RangeRemoved { Range: var range }:
                    _tail.RemoveIn(range);
                    break;
                case EffectSet or EffectsRemoved or TookOver { HasEffects: true }:
                    NotePendingEffects(change, change.Changes[i]);
                    break;
            }
        }

        return Decision.Accept(change);
    }

    private PendingChange? FindSameRequest(PendingChange change)
    {
        for (var i = 0; i < change.Changes.Count; i++)
        {
            // The create of what a delete removes is remembered beside it, and is no request of its own.
            if (change.Changes[i] is Remembered { Request: { Kind: not RemovedCreate.Kind } request }
                && _pendingRequests.TryGetValue(request.Id, out var same))
            {
                return same;
            }
        }

        return null;
    }

    private void Settle(PendingChange change, CommitOutcome outcome)
    {
        for (var i = 0; i < change.Changes.Count; i++)
        {
            switch (change.Changes[i])
            {
                case Created { Row: var row }:
                    Forget(row.Id.Value, change);
                    break;
                case Remembered { Request: var request }:
                    Forget(request.Id, change);
                    break;
                case Removed { Sequence: var sequence }:
                    _pendingDeletes.Remove(sequence);
                    break;
                case Tagged { Sequence: var sequence } when _pendingTags[sequence].Change == change:
                    _pendingTags.Remove(sequence);
                    break;
                case EffectSet or EffectsRemoved or TookOver { HasEffects: true }:
                    SettleEffects(change.Changes[i]);
                    break;
            }
        }

        _bound?.Settle(change.Growth, outcome.Status switch
        {
            CommitStatus.Committed => change.Growth,
            CommitStatus.Unknown => change.Growth.Added,
            _ => default,
        });
        change.Settle(outcome);
    }

    private void Forget(Guid request, PendingChange change)
    {
        if (_pendingRequests.TryGetValue(request, out var owner) && owner == change)
        {
            _pendingRequests.Remove(request);
        }
    }

    /// <summary>Takes note of what is there and what went, now that a commit is durable.</summary>
    private void NoteCommitted(SessionCommit commit)
    {
        var version = commit.Head.Version;
        for (var i = 0; i < commit.Changes.Count; i++)
        {
            switch (commit.Changes[i])
            {
                case Created { Row: var row }:
                    _tail.NoteStored(row.Sequence, row.StoredSize);
                    NoteRequired(row, version);
                    Links.Add(row.Position, row.Chain);
                    break;
                case Logged { Event: var happened }:
                    Links.Add(happened.Position, happened.Chain);
                    break;
                case TookOver took:
                    NoteTaken(took, version);
                    break;
                case EffectSet { Row.Key: var effect }:
                    _effectChanges.Add(effect, version);
                    break;
                case EffectsRemoved:
                    _effectChanges.AddMany(version);
                    break;
                case Tagged { Sequence: var sequence }:
                    _tagChanges.Add(sequence, version);
                    break;
                case Mended { Copy: var copy }:
                    _tail.NoteStored(copy.Sequence, copy.Stored.Length);
                    break;
                case Removed { Sequence: var sequence }:
                    _removals.Add(sequence, version);
                    break;
                case RangeRemoved:
                    _removals.AddMany(version);
                    break;
            }
        }

        if (commit.Head.DeletedAt is not null)
        {
            _removals.AddMany(version);
        }

        _shown.Apply(commit);
    }

    private SessionCommit BuildCommit(long weight)
    {
        return new SessionCommit
        {
            Address = _address,
            ExpectedVersion = CommittedVersion,
            Head = _inFlight[^1].After.Head with { Key = _key, Version = CommittedVersion + 1 },
            Changes = ChangeList.Join(_inFlight, static c => c.Changes),
            Calls = _inFlight.Exists(static c => c.Call is not null) ? [.. _inFlight.Select(static c => c.Call).OfType<ActivityContext>()] : [],
            Weight = weight,
        };
    }
}
