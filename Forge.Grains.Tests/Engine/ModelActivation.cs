using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Tests.Engine;

/// <summary>
/// An activation with an engine, which it drives as the grain does, and beside it the session as it ought to be: as it is known
/// to be committed, and as it is once all is that is pending.
/// </summary>
internal sealed partial class ModelActivation
{
    private readonly ModelWorld _world;
    private readonly Random _random;
    private readonly SessionEngine _engine;
    private readonly ModelState _committed;
    private readonly List<Accepted> _pending = [];
    private readonly List<Versioned<StoredCheckpoint>> _held = [];
    private readonly Dictionary<long, Versioned<CheckpointPointer?>> _heldAncestors = [];
    private readonly Dictionary<long, long> _goneIn = [];
    private readonly Dictionary<long, long> _taggedIn = [];
    private readonly Dictionary<long, long> _requiredIn = [];
    private readonly Dictionary<long, Versioned<CheckpointPointer?>> _heldBelow = [];
    private ModelState _projected;
    private SessionCommit? _commit;
    private CommitStatus? _landed;
    private bool _isWritten;
    private int _inFlight;
    private long _horizon;
    private long _unknownTo;
    private long _key;

    public ModelActivation(ModelWorld world, Random random)
    {
        (_world, _random) = (world, random);
        _engine = new SessionEngine(ModelWorld.Address, world.Store.ReadHead(), ModelWorld.RequestWindow, ModelWorld.MostBranches);
        _committed = world.Truth.Read();
        _projected = world.Truth.Read();
        _key = world.Store.Head?.Key ?? 0;
    }

    /// <summary>True once it has learned that it has to end.</summary>
    public bool IsOver { get; private set; }

    public bool HasPending => _pending.Count > 0;

    /// <summary>True while nobody wrote but this activation since it read the session.</summary>
    private bool IsAlone => _committed.Version + (_isWritten ? 1 : 0) == _world.Truth.Version;

    /// <summary>Takes what is pending, as much as fits, and checks that it is that.</summary>
    public void Begin()
    {
        if (_commit is not null)
        {
            Assert.Throws<InvalidOperationException>(() => _engine.BeginCommit(1, 1));
            return;
        }

        if (_engine.NeedsKey)
        {
            if (_random.Next(12) == 0)
            {
                // No key could be had.
                _engine.Fail(new CommitOutcome(CommitStatus.Unavailable));
                Failed(CommitStatus.Unavailable);
                return;
            }

            _engine.AssignKey(_key = _world.NextKey());
        }

        var (mostRecords, mostWeight) = (_random.Next(1, 8), _random.Next(1, 3000));
        if (_engine.BeginCommit(mostRecords, mostWeight) is not { } commit)
        {
            Assert.Empty(_pending);
            return;
        }

        var (records, weight) = (0, 0L);
        for (; _inFlight < _pending.Count; _inFlight++)
        {
            var next = _pending[_inFlight].Change;
            if (_inFlight > 0 && (records + next.Records > mostRecords || weight + next.Weight > mostWeight))
            {
                break;
            }

            (records, weight) = (records + next.Records, weight + next.Weight);
        }

        Assert.Equal(weight, commit.Weight);
        Assert.Equal((_committed.Version, _committed.Version + 1, _key), (commit.ExpectedVersion, commit.Head.Version, commit.Head.Key));
        _commit = commit with
        {
            // As the encoder does.
            Changes =
            [
                .. commit.Changes.Select(change => change is Created { Row: var row }
                    ? new Created(row with { StoredSize = _random.Next(row.Size + 1) })
                    : change),
            ],
        };
        CheckState();
    }

    /// <summary>The commit reaches the database, or does not; the engine is not told yet.</summary>
    public void Land()
    {
        if (_commit is null || _landed is not null)
        {
            return;
        }

        _landed = _random.Next(16) switch
        {
            0 => CommitStatus.Unavailable,
            1 => CommitStatus.Locked,
            2 => CommitStatus.Refused,
            3 => CommitStatus.Unknown,
            4 when Write() is var status => status == CommitStatus.Committed ? CommitStatus.Unknown : status,
            _ => Write(),
        };
        _world.Saw(_landed == CommitStatus.Unknown && _isWritten ? "Unknown, and written" : $"{_landed}");

        CommitStatus Write()
        {
            var status = _world.Write(_commit, _pending.Take(_inFlight).Select(p => p.Intent));
            _isWritten = status == CommitStatus.Committed;
            return status;
        }
    }

    /// <summary>The engine learns what became of the commit.</summary>
    public void End()
    {
        if (_commit is not { } commit)
        {
            return;
        }

        Land();
        if (_pending.Count > _inFlight)
        {
            _world.Saw($"{_landed} with changes behind it");
        }

        var before = _engine.Committed;
        var (status, wasWritten) = (_landed!.Value, _isWritten);
        (_commit, _landed, _isWritten) = (null, null, false);
        _engine.EndCommit(commit, new CommitOutcome(status));
        if (status == CommitStatus.Committed)
        {
            Committed(commit);
        }
        else
        {
            Assert.Same(before, _engine.Committed);
            Failed(status);
            IsOver |= status is CommitStatus.Conflict or CommitStatus.Unknown || wasWritten;
        }
    }

    private void Committed(SessionCommit commit)
    {
        var settled = _pending[.._inFlight];
        _pending.RemoveRange(0, _inFlight);
        _inFlight = 0;
        _committed.BeginVersion();
        foreach (var accepted in settled)
        {
            Assert.True(accepted.Change is { IsSettled: true, Outcome.Status: CommitStatus.Committed });
            accepted.Intent(_committed);
        }

        Assert.All(_pending, p => Assert.False(p.Change.IsSettled));
        _committed.NoteStored(commit);
        _projected.NoteStored(commit);
        foreach (var change in commit.Changes)
        {
            if (change is Removed { Sequence: var sequence })
            {
                _goneIn[sequence] = _committed.Version;
            }
            else if (change is RangeRemoved)
            {
                _horizon = _committed.Version;
            }
            else if (change is Tagged { Sequence: var tagged })
            {
                _taggedIn[tagged] = _committed.Version;
            }
            else if (change is EffectSet { Row.Key: var effect })
            {
                _effectIn[effect] = _newestEffect = _committed.Version;
            }
            else if (change is EffectsRemoved)
            {
                _effectHorizon = _newestEffect = _committed.Version;
            }
            else if (change is TookOver { Require: true })
            {
                _requiredHorizon = _committed.Version;
            }
            else if (change is Created { Row.Requires: { } requires })
            {
                RequiredText.Read(requires).ToList().ForEach(required => _requiredIn[required] = _committed.Version);
            }
        }

        var head = _engine.Committed!;
        _horizon = head.Head.DeletedAt is null ? _horizon : _committed.Version;
        ModelWorld.Check(head.Head, _committed);
        _committed.Check(head.Branches);
        ModelWrites.Check(head.Writes, _committed);
        Assert.Equal(commit.Head, head.Head);
        Assert.Equal(_committed.Rows.GetValueOrDefault(_committed.Head)?.Id ?? default, head.HeadId);
        Assert.Equal(_committed.Rows.GetValueOrDefault(_committed.Current)?.Id ?? default, head.CurrentId);
        Settled(settled);
    }

    /// <summary>All that was pending failed: nothing of it is left.</summary>
    private void Failed(CommitStatus status)
    {
        List<Accepted> settled = [.. _pending];
        _pending.Clear();
        _inFlight = 0;
        _projected = _committed.Copy();
        _unknownTo = _committed.LastSequence;
        _key = _engine.Committed?.Head.Key ?? 0;
        Assert.All(settled, p => Assert.True(p.Change.IsSettled && p.Change.Outcome.Status == status));
        Settled(settled);
    }

    private void Settled(List<Accepted> settled)
    {
        Assert.All(settled.SelectMany(p => p.Ids), id => Assert.Null(_engine.FindPending(id)));
        CheckState();
        if (_random.Next(3) == 0)
        {
            CheckTail();
        }
    }

    /// <summary>Asks the engine, and checks that it answers as it has to.</summary>
    /// <returns>True if it accepted.</returns>
    private bool Ask(Expected expected, Func<Decision> ask, Func<PendingChange, Accepted> accepted)
    {
        Decision decision;
        try
        {
            decision = ask();
        }
        catch (ForgeException refusal)
        {
            Assert.Equal(expected.Refusal, refusal.GetType());
            CheckTold(refusal);
            _world.Saw(refusal.GetType().Name);
            CheckState();
            return false;
        }

        Assert.Null(expected.Refusal);
        Assert.Equal(expected.Verdict, decision.Verdict);
        _world.Saw($"{decision.Verdict}");
        if (decision.Verdict == Verdict.Accepted)
        {
            var change = accepted(decision.Change!);
            Assert.False(change.Change.IsSettled);
            _pending.Add(change);
            change.Intent(_projected);
            (change.After, change.ClaimAfter) =
                ((_projected.Branches.ToDictionary(branch => branch ?? "", _projected.HeadOf), _projected.LastSequence), _projected.Claim);
        }
        else
        {
            Assert.Same(expected.Change, decision.Change);
        }

        CheckState();
        return decision.Verdict == Verdict.Accepted;
    }

    private static Expected ToWaitFor(PendingChange? change) => new(Verdict.Wait, Assert.IsType<PendingChange>(change));

    private PendingChange? Newest => _pending.LastOrDefault()?.Change;

    /// <summary>What a command on a session that is going or gone is answered; null if it is neither.</summary>
    private Expected? IfDeleted() => _committed.DeletedAt is not null ? new Expected(typeof(SessionDeletedException))
        : _projected.DeletedAt is not null ? ToWaitFor(Newest)
        : null;

    private bool MayHaveGone(long sequence, long version) =>
        version < _horizon || (_goneIn.TryGetValue(sequence, out var gone) && gone > version);

    /// <summary>A checkpoint, more often one of the newest, and mostly one that is there; null if there is none.</summary>
    private ModelRow? AnyRow()
    {
        for (var tries = _random.Next(4); _projected.Rows.Count > 0; tries--)
        {
            var row = _projected.Rows.Values.ElementAt(_projected.Rows.Count - 1 - _random.Next(_random.Next(1, _projected.Rows.Count + 1)));
            if (row.IsVisible || tries <= 0)
            {
                return row;
            }
        }

        return null;
    }

    /// <summary>A change that the engine accepted, and what was asked for by it.</summary>
    /// <param name="Change">The change.</param>
    /// <param name="Intent">What it ought to do.</param>
    private sealed record Accepted(PendingChange Change, Action<ModelState> Intent)
    {
        /// <summary>The ids by which its repeat is known.</summary>
        public IReadOnlyList<Guid> Ids { get; init; } = [];

        /// <summary>True if nothing that looks at the whole session may run beside it.</summary>
        public bool IsStructural { get; init; }

        /// <summary>True if nothing else but creates may run beside it.</summary>
        public bool IsExclusive { get; init; }

        /// <summary>What it removes.</summary>
        public Func<long, bool> Removes { get; init; } = static _ => false;

        /// <summary>What it may require.</summary>
        public Func<long, bool> Requires { get; init; } = static _ => false;

        /// <summary>The checkpoint whose tags it sets; 0 for none.</summary>
        public long Tags { get; init; }

        /// <summary>The keys of the effects that it changes.</summary>
        public List<string> Effects { get; init; } = [];

        /// <summary>What the session is once it is committed.</summary>
        public (Dictionary<string, long> Heads, long LastSequence) After { get; set; } = ([], 0);

        /// <summary>Its claim then.</summary>
        public ModelClaim ClaimAfter { get; set; }
    }

    /// <summary>How the engine has to answer.</summary>
    private sealed class Expected(Verdict verdict, PendingChange? change = null)
    {
        public Expected(Type refusal)
            : this(default(Verdict)) => Refusal = refusal;

        public Verdict Verdict { get; set; } = verdict;

        public PendingChange? Change { get; } = change;

        public Type? Refusal { get; }
    }
}
