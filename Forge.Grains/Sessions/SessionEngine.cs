using Forge.Errors;
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
/// on the projected head. Where a refusal would rest on something pending, the engine asks the caller to wait for it
/// instead, since it may yet fail; an acceptance may rest on it, because both then stand or fall together.
/// </remarks>
internal sealed partial class SessionEngine
{
    private readonly SessionAddress _address;
    private readonly TimeSpan _requestWindow;
    private readonly SessionTail _tail = new();
    private readonly RemovalLog _removals = new();
    private readonly List<PendingChange> _queue = [];
    private readonly List<PendingChange> _inFlight = [];
    private readonly Dictionary<Guid, PendingChange> _pendingRequests = [];
    private readonly Dictionary<long, PendingChange> _pendingDeletes = [];
    private HeadRead? _committed;
    private HeadRead? _projected;
    private long _key;
    private long _lastCreateVersion;
    private long? _surveyedFrom;

    /// <summary>Makes the engine of a session.</summary>
    /// <param name="address">The session.</param>
    /// <param name="committed">Its head row; null where it has none.</param>
    /// <param name="requestWindow">How long a create whose checkpoint went is remembered.</param>
    public SessionEngine(SessionAddress address, HeadRead? committed, TimeSpan requestWindow)
    {
        _address = address;
        _requestWindow = requestWindow;
        _committed = _projected = committed;
        _key = committed?.Head.Key ?? 0;
    }

    /// <summary>The newest head known to be committed; null where the session has none.</summary>
    public HeadRead? Committed => _committed;

    /// <summary>The newest version that this engine can have made, committed or in flight. A read that sees a later one was
    /// overtaken by another activation.</summary>
    public long NewestVersion => (_committed?.Head.Version ?? 0) + (_inFlight.Count > 0 ? 1 : 0);

    /// <summary>True where the session has no head row, and none is pending.</summary>
    public bool IsNew => _projected is null;

    /// <summary>True where a key must be assigned before the next commit.</summary>
    public bool NeedsKey => _key == 0 && _queue.Count > 0;

    /// <summary>True where something is accepted and not yet settled.</summary>
    public bool HasPending => _queue.Count > 0 || _inFlight.Count > 0;

    /// <summary>How many checkpoints there are once all that is pending is committed.</summary>
    public long ProjectedCount => ProjectedHead?.Count ?? 0;

    private SessionHead? ProjectedHead => _projected?.Head;

    /// <summary>Gives a session that has no head row the key that its row will have.</summary>
    public void AssignKey(long key) => _key = key;

    /// <summary>
    /// Takes what is pending, in order, for one commit; null where nothing is. No other commit may begin before
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
            NoteRemovals(commit);
            _tail.NoteStored(commit.Creates);
            if (commit.Creates.Count > 0 || commit.StagedKey != 0)
            {
                _lastCreateVersion = commit.Head.Version;
            }

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
        _projected = _committed;

        // A key that an import brought along is given up with it: its rows are no longer anybody's.
        _key = _committed?.Head.Key ?? 0;
        _tail.Clear();
        failed.ForEach(c => Settle(c, outcome));
    }

    /// <summary>
    /// The pending change that a request id belongs to; null where none does. A repeat waits for it and is then answered
    /// from what was committed.
    /// </summary>
    public PendingChange? FindPending(Guid requestId) => _pendingRequests.GetValueOrDefault(requestId);

    /// <summary>The newest pending change; null where there is none.</summary>
    public PendingChange? NewestPending => _queue is [.., var queued] ? queued : _inFlight is [.., var sent] ? sent : null;

    /// <summary>A committed checkpoint that the tail holds; null where it has to be read.</summary>
    public StoredCheckpoint? FindInTail(Checkpoints.CheckpointReference reference)
    {
        var found = reference.Sequence > 0 ? _tail.Find(reference.Sequence)
            : reference.Id.IsEmpty ? null
            : _tail.Find(reference.Id);
        return found is not null && found.Sequence <= (_committed?.Head.LastSequence ?? 0) ? found : null;
    }

    /// <summary>
    /// Takes the newest visible checkpoints, as one read found them, where the tail is empty. Where it learned nothing by
    /// them, because all are going or more are coming, it answers with the change to wait for; null otherwise.
    /// </summary>
    public PendingChange? FillTail(IReadOnlyList<StoredCheckpoint> newest, long version)
    {
        // What was created after the read is not among what was read: the tail would have a gap.
        if (_tail.IsEmpty && version >= _lastCreateVersion
            && !_queue.Concat(_inFlight).Any(c => c.Creates.Count > 0 || c.StagedKey != 0))
        {
            _tail.Fill(newest.Where(c =>
                !_pendingDeletes.ContainsKey(c.Sequence) && !_removals.MayHaveGoneSince(c.Sequence, version)));
        }

        return _tail.IsEmpty ? NewestPending : null;
    }

    private void RequireAlive()
    {
        if (_committed?.Head.DeletedAt is not null)
        {
            throw new SessionDeletedException(_address);
        }
    }

    /// <summary>The change that is about to delete the session; null where none is.</summary>
    private PendingChange? PendingErasure => ProjectedHead?.DeletedAt is not null ? NewestPending : null;

    /// <summary>The compaction that is about to remove a checkpoint; null where none is.</summary>
    private PendingChange? PendingRemovalOf(long sequence) => _queue.Concat(_inFlight)
        .FirstOrDefault(c => c.Removals.Any(r => sequence >= r.First && sequence <= r.Last));

    private HeadRead ProjectedOrNew(DateTimeOffset now) => _projected ?? new HeadRead(
        new SessionHead { Key = 0, Version = 0, CreatedAt = now.ToMicroseconds() }, default, default);

    /// <summary>
    /// The chain value that the next position follows: the head's, or where nothing of the session is chained yet, its
    /// beginning.
    /// </summary>
    private byte[] ChainOf(SessionHead head) => head.Chain ?? HistoryChain.Genesis(_address, head.Incarnation);

    private Decision Accept(PendingChange change)
    {
        _queue.Add(change);
        _projected = change.After;
        foreach (var create in change.Creates)
        {
            _pendingRequests.Add(create.Id.Value, change);
            _tail.Add(create, _surveyedFrom ?? _committed?.Head.LastSequence ?? 0);
        }

        foreach (var request in change.Requests)
        {
            // The create of a checkpoint that is deleted is remembered under an id that is not this change's own.
            _pendingRequests.TryAdd(request.Id, change);
        }

        if (change.Delete != 0)
        {
            _pendingDeletes.Add(change.Delete, change);
            _tail.Remove(change.Delete);
        }

        _tail.RemoveIn(change.Removals);
        return Decision.Accept(change);
    }

    private void Settle(PendingChange change, CommitOutcome outcome)
    {
        foreach (var create in change.Creates)
        {
            Forget(create.Id.Value, change);
        }

        foreach (var request in change.Requests)
        {
            Forget(request.Id, change);
        }

        _pendingDeletes.Remove(change.Delete);
        change.Settle(outcome);
    }

    private void Forget(Guid request, PendingChange change)
    {
        if (_pendingRequests.TryGetValue(request, out var owner) && owner == change)
        {
            _pendingRequests.Remove(request);
        }
    }

    private void NoteRemovals(SessionCommit commit)
    {
        foreach (var sequence in commit.Deletes)
        {
            _removals.Add(sequence, commit.Head.Version);
        }

        if (commit.Removals.Count > 0 || commit.Head.DeletedAt is not null)
        {
            _removals.AddMany(commit.Head.Version);
        }
    }

    private SessionCommit BuildCommit(long weight)
    {
        var version = _committed?.Head.Version ?? 0;
        var head = _inFlight[^1].After.Head with { Key = _key, Version = version + 1 };
        if (_inFlight is [{ Delete: 0, TagChange: null } only])
        {
            return ToCommit(head, version, weight, only.Creates, [], only.Annotation is { } one ? [one] : [], []);
        }

        var deletes = _inFlight.Where(c => c.Delete != 0).Select(c => c.Delete).ToHashSet();

        // Of several changes of one checkpoint's tags the last one stands; one that is deleted in the same commit needs none.
        var tags = _inFlight.Where(c => c.TagChange is { } change && !deletes.Contains(change.Sequence))
            .Select(c => c.TagChange!.Value).GroupBy(c => c.Sequence).Select(g => g.Last()).ToList();
        var annotations = _inFlight.Where(c => c.Annotation is { } note && !deletes.Contains(note.Sequence))
            .Select(c => c.Annotation!.Value).ToList();
        return ToCommit(head, version, weight, InFlight(c => c.Creates), tags, annotations, [.. deletes]);
    }

    private SessionCommit ToCommit(
        SessionHead head,
        long version,
        long weight,
        IReadOnlyList<StoredCheckpoint> creates,
        IReadOnlyList<TagChange> tags,
        IReadOnlyList<NewAnnotation> annotations,
        IReadOnlyList<long> deletes) => new()
        {
            Address = _address,
            ExpectedVersion = version,
            Head = head,
            Creates = creates,
            TagChanges = tags,
            Annotations = annotations,
            Deletes = deletes,
            Removals = InFlight(c => c.Removals),
            Trunks = InFlight(c => c.Trunks),
            Events = InFlight(c => c.Event),
            Requests = InFlight(c => c.Requests),
            DueWork = WorkInFlight(),
            StagedKey = _inFlight.Find(c => c.StagedKey != 0)?.StagedKey ?? 0,
            StagedOffset = _inFlight.Find(c => c.StagedKey != 0)?.StagedOffset ?? 0,
            Weight = weight,
        };

    private NewDueWork[] WorkInFlight()
    {
        var work = InFlight(c => c.DueWork);
        return work.Length > 1 ? [.. work.DistinctBy(w => w.Kind)] : work;
    }

    /// <summary>Of all changes in flight, in order. Most commits are a single create, and have nothing else to gather.</summary>
    private IReadOnlyList<T> InFlight<T>(Func<PendingChange, IReadOnlyList<T>> of) =>
        _inFlight is [var only] ? of(only) : [.. _inFlight.SelectMany(of)];

    /// <summary>The same of what a change may have one of.</summary>
    private T[] InFlight<T>(Func<PendingChange, T?> of)
        where T : struct
    {
        List<T>? found = null;
        foreach (var change in _inFlight)
        {
            if (of(change) is { } one)
            {
                (found ??= []).Add(one);
            }
        }

        return found is null ? [] : [.. found];
    }
}
