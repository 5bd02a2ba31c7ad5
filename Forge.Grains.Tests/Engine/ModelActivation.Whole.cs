using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Engine;

/// <summary>What looks at the whole session, and runs beside creates alone.</summary>
internal sealed partial class ModelActivation
{
    private StagedCheckpoints? _staged;
    private IReadOnlyList<StoredCheckpoint> _stagedRows = [];

    public void Compact()
    {
        EnterAlone();
        var now = _world.Now;
        var policy = new RetentionPolicy
        {
            KeepRecent = _random.Next(3) == 0 ? null : _random.Next(6),
            KeepTags = _random.Next(3) == 0 ? null : ["keep", "t1"],
            KeepYoungerThan = _random.Next(2) == 0 ? null : TimeSpan.FromTicks(_random.Next(50_000)),
        };
        _engine.BeginSurvey();
        Meanwhile();
        var survey = _world.Store.Survey(policy, now);
        var surveyed = _world.Truth.Rows.ToDictionary(row => row.Key, row => row.Value.StoredSize);
        var isOvertaken = survey.Version > _engine.NewestVersion;
        Meanwhile();
        if (isOvertaken || _committed.DeletedAt is not null)
        {
            _engine.EndSurvey();
            return;
        }

        var plan = _engine.PlanCompaction(survey, policy, now);
        _engine.EndSurvey();
        if (!IsAlone)
        {
            // What it would decide is never committed.
            return;
        }

        if (plan is null)
        {
            var requiring = _projected.Visible.FirstOrDefault(
                row => row.Sequence > survey.Value.LastSequence && survey.Value.Takes(row.Requires.ToHashSet()));
            Assert.True(
                survey.Value.LastSequence < _unknownTo || requiring is not null, "the engine forgot what came after the survey");
            var isPending = requiring is not null && requiring.Sequence > _committed.LastSequence;
            Assert.True(!isPending || _engine.PendingRequirementOf(survey.Value) is not null, "nothing tells when the survey can be read again");
            _world.Saw(requiring is null ? "survey to be read again" : "survey of what is required since");
            return;
        }

        var (going, trunks) = Check(plan, surveyed, policy, now);
        _world.Saw(going.Count == 0 ? "plan that takes nothing" : "plan");
        if (!_projected.Exists || _random.Next(4) == 0 || (going.Count == 0 && _random.Next(2) == 0))
        {
            return;
        }

        var (request, authority) = (Request(), AnyAuthority());
        var accepted = Ask(
            IfDeleted() ?? IfRefused(authority) ?? new Expected(Verdict.Accepted),
            () => _engine.Compact(plan, now, now, answer =>
            {
                Assert.Equal(_projected.LastPosition + 1, answer.Anchor!.Value.Position);
                return request;
            }, authority),
            change => Structural(change, request, state => state.Compact(going, trunks, now)) with
            {
                IsExclusive = true,
                Removes = sequence => plan.Removals.Any(r => sequence >= r.First && sequence <= r.Last),
            });
        Saw(accepted, "compact");
    }

    /// <summary>Waits at the gate, as what looks at the whole session does, for the changes of what is there.</summary>
    private void EnterAlone()
    {
        while (_pending.Exists(p => p.IsStructural))
        {
            Begin();
            End();
        }
    }

    /// <summary>Creates may come beside it, more than a tail holds, and commits may end in any way.</summary>
    private void Meanwhile()
    {
        var (count, kinds) = _random.Next(25) == 0 ? (_random.Next(30, 90), 100) : (_random.Next(10), 10);
        for (var i = 0; i < count; i++)
        {
            switch (_random.Next(kinds))
            {
                case 0 or 1:
                    Begin();
                    break;
                case 2:
                    Land();
                    break;
                case 3:
                    End();
                    break;
                default:
                    Create();
                    break;
            }
        }
    }

    public void Import()
    {
        EnterAlone();
        if (_staged is null || _random.Next(2) == 0)
        {
            Stage();
        }

        var (now, staged, rows) = (_world.Now, _staged!, _stagedRows);
        var (isNew, authority) = (!_projected.Exists, AnyAuthority());
        var expected = IfDeleted() ?? IfRefused(authority) ?? (IsAfter(_projected) ? new Expected(Verdict.Accepted)

            // What is committed stays the one or the other; what is pending may fail.
            : IsAfter(_committed) ? ToWaitFor(Newest)
            : new Expected(typeof(ImportRejectedException)));
        bool IsAfter(ModelState state) => state.LastSequence < staged.FirstSequence && !(state.LastCreatedAt > staged.FirstCreatedAt);
        var accepted = Ask(expected, () => _engine.Import(staged, now, authority: authority), change =>
        {
            _key = isNew ? staged.Key : _key;
            return new Accepted(change, state => state.Import(staged, rows, now))
            {
                IsStructural = true,
                IsExclusive = true,
                Requires = _ => staged.Require,
            };
        });
        if (accepted)
        {
            _world.Saw(isNew ? "import into a new session" : "import into one that is there");
            if (_random.Next(8) == 0)
            {
                // The sweep was there before.
                _world.Store.GiveUp(staged.Key);
            }

            _staged = _random.Next(2) == 0 ? null : staged;
        }
        else if (expected.Refusal == typeof(ImportRejectedException))
        {
            _staged = null;
        }
    }

    private void Stage()
    {
        var (sequence, time) = (Math.Max(0, _projected.LastSequence - _random.Next(2)), _world.Now.ToMicroseconds());
        time = _random.Next(4) > 0 && _projected.LastCreatedAt > time ? _projected.LastCreatedAt.Value : time;
        var rows = new List<StoredCheckpoint>();
        for (var count = _random.Next(1, 5); count > 0; count--)
        {
            sequence += _random.Next(1, 3);
            time = time.AddMicroseconds(_random.Next(20));
            rows.Add(new StoredCheckpoint
            {
                Sequence = sequence,
                Id = new CheckpointId(_world.NewGuid()),
                CreatedAt = time,
                Position = rows.Count + 1,
                Parent = rows.Count == 0 ? 0 : rows[_random.Next(rows.Count)].Sequence,
                Message = "i",
                Tags = _random.Next(3) == 0 ? ["keep"] : [],
                Trigger = CheckpointTrigger.Manual,
                ContentType = "a/b",
                Size = _random.Next(9),
                Checksum = [],
                StoredSize = _random.Next(9),
                Branch = _random.Next(3) > 0 ? null : $"b{_random.Next(4)}",
                Requires = rows.Count == 0 || _random.Next(3) > 0 ? null : RequiredText.Of([rows[_random.Next(rows.Count)].Sequence, rows[0].Sequence]),
            });
        }

        var (last, current) = (rows[^1], rows[_random.Next(rows.Count)]);
        _stagedRows = rows;
        _staged = new StagedCheckpoints(
            _world.NextKey(), rows[0].Sequence, new CheckpointPointer(last.Sequence, last.Id), last.Sequence + _random.Next(-1, 4),
            _random.Next(20), rows[0].CreatedAt, last.CreatedAt,
            Lines(rows, _random.Next(2) == 0 ? default : new CheckpointPointer(current.Sequence, current.Id)), rows.Count, rows.Sum(r => (long)r.Size),
            _random.Next(2) == 0 ? null : "{}", _random.Next(2) == 0 ? null : time.AddDays(-1), [1, 2, 3], null)
        {
            ClaimEpoch = _random.Next(3) == 0 ? _random.Next(1, 12) : null,
            Require = rows.Exists(row => row.Requires is not null),
        };
        _world.Store.Stage(_staged.Key, rows);
    }

    /// <summary>Where the branches of what is staged stand, with one checkpoint current on all of them.</summary>
    private static Dictionary<string, BranchLine> Lines(List<StoredCheckpoint> rows, CheckpointPointer current)
    {
        var lines = rows.GroupBy(row => row.Branch ?? BranchNames.Main).ToDictionary(
            of => of.Key, of => new BranchLine(new(of.Last().Sequence, of.Last().Id), current, of.Count()));
        lines.TryAdd(BranchNames.Main, new BranchLine(default, current, 0));
        return lines;
    }

    /// <summary>Lets the session's time run out, or deletes it.</summary>
    public void EndSession()
    {
        EnterAlone();
        var (now, authority, request) = (_world.Now, AnyAuthority(), Request());
        var life = TimeSpan.FromTicks(_random.Next(2000));
        var isOver = _projected.Exists && (_projected.LastCreatedAt ?? _projected.CreatedAt) + life <= now
            && (_projected.EffectCount ?? 0) == (_projected.TokenCount ?? 0);
        if (_random.Next(2) == 0)
        {
            Saw(Ask(
                IfDeleted() ?? new Expected(isOver ? Verdict.Accepted : Verdict.NotTaken), () => _engine.Expire(life, null, now), change => Ended(change, null)), "expire");
        }
        else if (_projected.Exists)
        {
            Saw(Ask(IfDeleted() ?? IfRefused(authority) ?? new Expected(Verdict.Accepted), () => _engine.DeleteSession(now, authority, request), change => Ended(change, request)), "delete the session");
        }

        Accepted Ended(PendingChange change, RememberedRequest? made) => new(change, state =>
        {
            state.End(now);
            Remember(state, made);
        })
        {
            Ids = IdsOf(made),
            IsStructural = true,
            IsExclusive = true,
        };
    }
}
