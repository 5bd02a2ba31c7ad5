using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.Grains.Tests.History;
using Forge.History.Changes;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Engine;

/// <summary>
/// Drives an engine by a seeded stream of commands and commit outcomes beside a model that is a plain list, and holds the
/// one against the other after every commit.
/// </summary>
internal sealed class SessionEngineModel
{
    private static readonly SessionAddress Address = new(TenantId.Default, SessionId.Parse("s"));
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Random _random;
    private readonly Dictionary<long, StoredCheckpoint> _rows = [];
    private readonly List<(PendingChange Change, Action Apply)> _pending = [];
    private readonly HashSet<long> _everCommitted = [];
    private SessionEngine _engine = new(Address, null, TimeSpan.FromHours(24));
    private HeadRead? _head;
    private DateTimeOffset _now = Start;
    private readonly ReferenceChain _chain = new(Address);
    private SessionCommit? _inFlight;
    private PendingChange? _compaction;

    public SessionEngineModel(int seed) => _random = new Random(seed);

    public int Commits { get; private set; }

    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            _now += TimeSpan.FromTicks(_random.Next(-5, 1000));
            switch (_random.Next(10))
            {
                case <= 3:
                    Create();
                    break;
                // The grain lets no change of what is there run beside a compaction.
                case 4 when _compaction is null or { IsSettled: true }:
                    Delete();
                    break;
                case 5 when _compaction is null or { IsSettled: true }:
                    Restore();
                    break;
                case 6 when !_engine.HasPending && _random.Next(3) == 0:
                    Compact();
                    break;
                case 7:
                    Begin();
                    break;
                default:
                    End();
                    break;
            }
        }

        while (_engine.HasPending || _inFlight is not null)
        {
            Begin();
            End();
        }
    }

    private void Create()
    {
        var commands = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => new CreateCommand
        {
            Id = new CheckpointId(NewGuid()),
            FirstAttempt = true,
            Message = "m",
            Tags = _random.Next(4) == 0 ? ["keep"] : [],
            Trigger = CheckpointTrigger.Manual,
            State = new byte[_random.Next(1, 9)],
            Checksum = [(byte)_random.Next(256)],
            ContentType = "a/b",
        }).ToList();
        var decision = _engine.Create(commands, [.. commands.Select(_ => (Versioned<StoredCheckpoint?>?)null)], _now, default);
        Assert.Equal(Verdict.Accepted, decision.Verdict);
        var rows = decision.Change!.NewCheckpoints.ToList();
        _pending.Add((decision.Change, () =>
        {
            foreach (var row in rows)
            {
                Assert.True(_everCommitted.Add(row.Sequence), $"sequence {row.Sequence} was given out twice");
                _rows.Add(row.Sequence, row);
            }
        }
        ));
    }

    private void Delete()
    {
        if (Pick() is not { } row)
        {
            return;
        }

        var decision = _engine.Delete(new(_head!.Head.Version, row), _now, null);
        if (decision.Verdict == Verdict.NeedTail)
        {
            _engine.FillTail([.. _rows.Values.OrderByDescending(r => r.Sequence).Take(SessionTail.Capacity)], _head.Head.Version);
            return;
        }

        if (decision.Verdict == Verdict.Accepted)
        {
            _pending.Add((decision.Change!, () => Assert.True(_rows.Remove(row.Sequence))));
        }
        else
        {
            Assert.Equal(Verdict.Wait, decision.Verdict);
        }
    }

    private void Restore()
    {
        if (Pick() is { } row)
        {
            var decision = _engine.Restore(new(_head!.Head.Version, row), _now, (_, _) => null);
            if (decision.Verdict == Verdict.Accepted)
            {
                _pending.Add((decision.Change!, () => { }));
            }
        }
    }

    private void Compact()
    {
        var policy = new RetentionPolicy { KeepRecent = _random.Next(0, 5), KeepTags = ["keep"] };
        _engine.BeginSurvey();
        var survey = Survey(policy);

        // Creates may come between the survey and the decision, many of them, and nothing else.
        for (var i = _random.Next(0, 3) * _random.Next(1, 50); i > 0; i--)
        {
            Create();
        }

        var plan = _engine.PlanCompaction(survey, policy, _now);
        _engine.EndSurvey();
        Assert.NotNull(plan);
        if (plan.Result.Deleted == 0)
        {
            return;
        }

        var decision = _engine.Compact(plan, _now, _ => null);
        _compaction = decision.Change;
        _pending.Add((decision.Change!, () =>
        {
            var before = _rows.Count;
            var newest = _rows.Keys.OrderDescending().Take(policy.KeepRecent!.Value).ToList();
            foreach (var range in plan.Removals)
            {
                for (var s = range.First; s <= range.Last; s++)
                {
                    _rows.Remove(s);
                }
            }

            Assert.Equal((plan.Result.Deleted, plan.Result.Remaining), (before - _rows.Count, _rows.Count));
            Assert.All(newest, s => Assert.Contains(s, _rows.Keys));
        }
        ));
    }

    private Versioned<CompactionSurvey> Survey(RetentionPolicy policy)
    {
        var surveyor = new Surveyor(policy, _now, _head?.Head.Head ?? 0, _head?.Head.Current ?? 0);
        foreach (var r in _rows.Values.OrderByDescending(r => r.Sequence))
        {
            surveyor.Add(new Surveyed(r.Sequence, r.Parent, r.Size, r.StoredSize, r.CreatedAt, r.Trunk, r.Tags.Contains("keep")));
        }

        return new(_head?.Head.Version ?? 0, surveyor.Finish(_head?.Head.LastSequence ?? 0));
    }

    private void Begin()
    {
        if (_inFlight is not null)
        {
            Assert.Throws<InvalidOperationException>(() => _engine.BeginCommit(1, 1));
            return;
        }

        if (_engine.NeedsKey)
        {
            _engine.AssignKey(7);
        }

        _inFlight = _engine.BeginCommit(_random.Next(1, 6), 100_000);
        if (_inFlight is { } commit)
        {
            Assert.Equal(_head?.Head.Version ?? 0, commit.ExpectedVersion);
            Assert.Equal(commit.ExpectedVersion + 1, commit.Head.Version);
            Assert.Equal(7, commit.Head.Key);
            Assert.Equal(
                Enumerable.Range(1, commit.Creates.Count).Select(i => i + (_head?.Head.LastSequence ?? 0)),
                commit.Creates.Select(c => c.Sequence));
            Assert.True(commit.Creates.Zip(commit.Creates.Skip(1)).All(p => p.First.CreatedAt <= p.Second.CreatedAt));
        }
    }

    private void End()
    {
        if (_inFlight is not { } commit)
        {
            return;
        }

        _inFlight = null;
        var succeeded = _random.Next(4) != 0;
        _engine.EndCommit(commit, new CommitOutcome(succeeded ? CommitStatus.Committed : CommitStatus.Unavailable));
        var settled = _pending.Where(p => p.Change.IsSettled).ToList();
        _pending.RemoveAll(p => p.Change.IsSettled);
        Assert.All(settled, p => Assert.Equal(succeeded, p.Change.Outcome.Status == CommitStatus.Committed));
        if (!succeeded)
        {
            Assert.Equal(_head?.Head.Chain, _engine.Committed?.Head.Chain);
            Assert.Empty(_pending);
            Assert.False(_engine.HasPending);
            return;
        }

        settled.ForEach(p => p.Apply());
        _chain.Append(commit);
        _head = _engine.Committed!;
        Commits++;
        Check();
        if (_random.Next(10) == 0 && !_engine.HasPending)
        {
            // A new activation knows the head row and nothing else.
            _engine = new SessionEngine(Address, _head, TimeSpan.FromHours(24));
        }
    }

    private void Check()
    {
        var head = _head!.Head;
        Assert.Equal(_rows.Count, head.Count);
        Assert.Equal(_rows.Values.Sum(r => (long)r.Size), head.Bytes);
        Assert.Equal(_rows.Count == 0 ? 0 : _rows.Keys.Max(), head.Head);
        Assert.Equal(_everCommitted.Count == 0 ? 0 : _everCommitted.Max(), head.LastSequence);
        Assert.Equal(_everCommitted.Count, head.LastSequence);
        Assert.True(head.Current == 0 ? _rows.Count == 0 : _rows.ContainsKey(head.Current), "current is not there");
        Assert.Equal(head.Head == 0 ? default : _rows[head.Head].Id, _head.HeadId);
        Assert.Equal(head.Current == 0 ? default : _rows[head.Current].Id, _head.CurrentId);
    }

    private StoredCheckpoint? Pick() => _rows.Count == 0 || _head is null
        ? null
        : _random.Next(2) == 0 ? _rows.GetValueOrDefault(_head.Head.Head) : _rows.Values.ElementAt(_random.Next(_rows.Count));

    private Guid NewGuid()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
