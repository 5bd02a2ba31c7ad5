using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.Engine;

internal sealed partial class ModelActivation
{
    /// <summary>One change of a checkpoint, by what was read of it just now or a while ago.</summary>
    public void Change()
    {
        // The gate lets none run beside a compaction or an import.
        if (_pending.Exists(p => p.IsExclusive) || Target() is not { } target)
        {
            return;
        }

        // What another activation wrote is not to be told from what this one has in flight, by its version.
        if (target.Version > _engine.NewestVersion || _projected.Rows.GetValueOrDefault(target.Value.Sequence)?.Id != target.Value.Id)
        {
            _world.Saw("overtaken");
            return;
        }

        HoldAncestor();
        switch (_random.Next(6))
        {
            case 0:
                Restore(target);
                break;
            case 1:
                Annotate(target);
                break;
            case 2:
                SetTags(target);
                break;
            case 3:
                Write(target);
                break;
            default:
                Delete(target);
                break;
        }
    }

    /// <summary>
    /// Deletes what would become current after the current one, and then that, by what was read of both before: with commits between,
    /// or with none.
    /// </summary>
    public void DeleteLine()
    {
        HoldAncestor();
        var current = _committed.Current;
        foreach (var sequence in new[] { _committed.Nearest(_committed.Rows.GetValueOrDefault(current)?.Parent ?? 0), current })
        {
            if (IsOver || _pending.Exists(p => p.IsExclusive))
            {
                return;
            }

            if (sequence > 0 && _world.Store.Read(sequence) is { Value: { } row } read
                && read.Version <= _engine.NewestVersion && _projected.Rows.GetValueOrDefault(sequence)?.Id == row.Id)
            {
                HoldRequirers(sequence, read.Version);
                Delete(new(read.Version, row));
            }

            if (_random.Next(3) > 0)
            {
                Begin();
                End();
            }
        }
    }

    /// <summary>Sets the session's settings.</summary>
    public void SetSettings()
    {
        if (_pending.Exists(p => p.IsExclusive))
        {
            return;
        }

        var (now, request, authority) = (_world.Now, Request(), AnyAuthority());
        var number = _random.Next(1000);
        var schedule = AnySchedule(out var text);
        var settings = $"{{\"labels\":{{\"n\":\"{number}\",\"parity\":\"{number % 2}\"}}{text}}}";
        var work = _random.Next(2) == 0 ? new Due(DueWorkKind.Retain, now) : null;
        var accepted = Ask(
            IfDeleted() ?? IfRefused(authority) ?? new Expected(Verdict.Accepted),
            () => _engine.SetSettings(settings, now, request, work, authority),
            change => new Accepted(change, state =>
            {
                state.SetSettings(settings, now);
                state.SetSchedule(schedule, now);
                Remember(state, request);
                state.NewWork.UnionWith(work is null ? [] : [work.Kind]);
            })
            {
                Ids = IdsOf(request),
                IsStructural = true,
            });
        Saw(accepted, "set settings");
    }

    /// <summary>Writes a row anew that was read before and is damaged.</summary>
    public void Mend()
    {
        if (_committed.Rows.Values.LastOrDefault(row => row.IsVisible && _random.Next(3) > 0) is not { } row)
        {
            return;
        }

        var copy = new EncodedState(row.Sequence, row.Id, 0, null, null, row.Size, [], new byte[_random.Next(row.Size + 1)]);
        var accepted = Ask(
            IfDeleted() ?? new Expected(Verdict.Accepted),
            () => _engine.Mend(new Mended(copy)),
            change => new Accepted(change, static _ => { }));
        Saw(accepted, "mend");
    }

    private void Restore(Versioned<StoredCheckpoint> target)
    {
        var (now, request, sequence, authority) = (_world.Now, Request(), target.Value.Sequence, AnyAuthority());
        var branch = _random.Next(2) == 0 ? null : $"b{_random.Next(6)}";
        var (expected, current) = (Expect(target, authority), _projected.CurrentOf(branch));
        if (expected is { Refusal: null, Verdict: Verdict.Accepted })
        {
            // What is told of effects must hold.
            expected = _pending.Exists(p => p.Effects.Count > 0) ? ToWaitFor(Newest)
                : _newestEffect > target.Version ? new Expected(Verdict.Reread)
                : expected;
        }

        if (expected is { Refusal: null, Verdict: Verdict.Accepted } && branch is not null && !_projected.Currents.ContainsKey(branch))
        {
            expected = _committed.Currents.ContainsKey(branch) || _pending.Exists(p => p.After.Heads.ContainsKey(branch))
                ? ToWaitFor(Newest)
                : new Expected(typeof(BranchNotFoundException));
        }

        var save = _random.Next(3) > 0 ? null : new CreateCommand(
            new NewCheckpoint { Id = new CheckpointId(_world.NewGuid()), Message = "p", Branch = branch, State = new byte[_random.Next(9)] }, []);
        var accepted = Ask(
            expected,
            () => _engine.Restore(target, branch, now, (undo, saved, anchor) =>
            {
                Assert.Equal(save?.Id, saved?.Id);
                Assert.Equal(
                    saved is not null ? new CheckpointPointer(_projected.LastSequence + 1, saved.Id)
                        : current == 0 ? null : new CheckpointPointer(current, _projected.Rows[current].Id),
                    undo);
                Assert.Equal(_projected.LastPosition + (save is null ? 1 : 2), anchor.Position);
                return request;
            }, authority, save),
            change =>
            {
                var made = Structural(change, request, state =>
                {
                    if (save is not null)
                    {
                        state.Create(save, current, now);
                    }

                    state.Restore(sequence, branch, now);
                });
                return save is null ? made : made with { Ids = [.. made.Ids, save.Id.Value] };
            });
        Saw(accepted && save is not null, "restore that saves");
        Saw(accepted && branch is not null, "restore on a branch");
        Saw(accepted, sequence == _committed.Current ? "restore of the current one" : "restore");
    }

    private void Annotate(Versioned<StoredCheckpoint> target)
    {
        var (now, request, sequence, authority) = (_world.Now, Request(), target.Value.Sequence, AnyAuthority());
        var text = $"note {_random.Next(100)}";
        var accepted = Ask(
            Expect(target, authority),
            () => _engine.Annotate(target, AnnotationSeverity.Info, text, now, note =>
            {
                Assert.Equal((_projected.LastPosition + 1, text), (note.Position, note.Text));
                return request;
            }, authority),
            change => Structural(change, request, state => state.Annotate(sequence, text, now)));
        Saw(accepted, "annotate");
    }

    private void SetTags(Versioned<StoredCheckpoint> target)
    {
        var (now, request, sequence, authority) = (_world.Now, Request(), target.Value.Sequence, AnyAuthority());
        string[] tags = _random.Next(3) switch { 0 => [], 1 => ["keep"], _ => [$"t{_random.Next(5)}"] };
        var expected = Expect(target, authority);
        var isRead = _engine.FindInTail(sequence) is null;
        if (expected is { Refusal: null, Verdict: Verdict.Accepted }
            && isRead
            && !_pending.Exists(p => p.Tags == sequence)
            && _taggedIn.GetValueOrDefault(sequence) > target.Version)
        {
            // What its tags were is not what was read.
            _world.Saw("tags that were set since");
            expected = new Expected(Verdict.Reread);
        }

        var accepted = Ask(
            expected,
            () => _engine.SetTags(target, tags, now, request, authority: authority),
            change => Structural(change, request, state => state.SetTags(sequence, tags, now)) with { Tags = sequence });
        Saw(accepted, "set tags");
        if (accepted && isRead && _random.Next(2) == 0)
        {
            // Others may have read it at the same moment. What the tail gave is used in its own turn alone.
            _held.Add(target);
        }
    }

    private void Delete(Versioned<StoredCheckpoint> target)
    {
        var (now, request, row, authority) = (_world.Now, Request(), target.Value, AnyAuthority());
        var expected = Expect(target, authority);
        var (isHead, isCurrent, isOnly) = (row.Sequence == _projected.HeadOf(row.Branch), row.Sequence == _projected.Current, _projected.Count == 1);
        var isElsewhere = _projected.Branches.Any(branch => branch != row.Branch && _projected.CurrentOf(branch) == row.Sequence);
        var ends = row.Branch is not null && _projected.Visible.Count(other => other.Branch == row.Branch) == 1;
        var isKnown = _pending.Exists(p => p.Ids.Contains(row.Id.Value));
        var (ancestor, below) = (ReadAncestor(row), ReadBelow(row));
        if (IsOvertakenBy(ancestor) || IsOvertakenBy(below))
        {
            _world.Saw("overtaken");
            return;
        }

        var requirers = _heldRequirers.GetValueOrDefault((row.Sequence, target.Version));
        expected = expected is { Refusal: null, Verdict: Verdict.Accepted } ? ExpectOfRequirers(target, requirers) ?? expected : expected;
        if (expected is { Refusal: null, Verdict: Verdict.Accepted } && _engine.NeedsBelow(row))
        {
            Assert.True(isHead && !isOnly && !ends, $"{row.Sequence} needs another head");
            _world.Saw("head that has to be read");
            expected = ExpectOf(below, "head", _projected.Visible.Where(other => other.Branch == row.Branch && other.Sequence < row.Sequence)
                .Select(other => other.Sequence).DefaultIfEmpty().Max());
        }

        if (expected is { Refusal: null, Verdict: Verdict.Accepted } && _engine.NeedsAncestor(row))
        {
            expected = ExpectOf(ancestor, "ancestor", _projected.Nearest(row.Parent));
        }

        var accepted = Ask(
            expected,
            () => _engine.Delete(target, ancestor, below, now, now, request, authority, requirers),
            change => Structural(change, request, state => state.Delete(row.Sequence, now, ModelWorld.RequestWindow)) with
            {
                Removes = sequence => sequence == row.Sequence,
                Ids = now - row.CreatedAt <= ModelWorld.RequestWindow && !isKnown ? [.. IdsOf(request), row.Id.Value] : IdsOf(request),
            });
        Saw(accepted, "delete");
        Saw(accepted && isHead, "delete of the head");
        Saw(accepted && isElsewhere, "delete of what is current on another branch");
        Saw(accepted && ends, "delete of the last one of a branch");
        Saw(accepted && isCurrent && !isHead, "delete of the current one");
        Saw(accepted && isOnly, "delete of the last one");
        Saw(accepted && isCurrent && !isOnly && _projected.Current == 0, "delete of the current one that leaves none");
        Saw(accepted && isCurrent && _projected.Current != row.Parent && _projected.Current != 0, "delete of the current one whose parent went");
    }

    /// <summary>
    /// True if a read may have seen what this activation does not know. Another one may have written the version that it has in flight
    /// itself: what it decides on that fails with what is in flight, and is not what the model has.
    /// </summary>
    private bool IsOvertakenBy(Versioned<CheckpointPointer?>? read) =>
        read?.Version > (IsAlone ? _engine.NewestVersion : _engine.CommittedVersion);

    /// <summary>Reads what would become current after the current one, and the head after the head of a branch, for later.</summary>
    private void HoldAncestor()
    {
        var branch = _committed.Branches.ElementAt(_random.Next(_committed.Currents.Count + 1));
        if (_committed.HeadOf(branch) is > 0 and var head)
        {
            _heldBelow.TryAdd(head, _world.Store.ReadBelow(branch, head));
        }

        if (_committed.Current > 0)
        {
            _heldAncestors.TryAdd(_committed.Current, _world.Store.ReadNearest(_committed.Rows[_committed.Current].Parent));
        }
    }

    /// <param name="read">What takes the place of a checkpoint that goes, as it was read.</param>
    /// <param name="what">What it is.</param>
    /// <param name="takes">What takes it.</param>
    private Expected ExpectOf(Versioned<CheckpointPointer?>? read, string what, long takes)
    {
        if (read is not { } found)
        {
            return new Expected(Verdict.Reread);
        }

        var sequence = found.Value?.Sequence ?? 0;
        if (sequence > 0 && _pending.Find(p => p.Removes(sequence)) is { } removal)
        {
            _world.Saw($"{what} that is going");
            return ToWaitFor(removal.Change);
        }

        // Also where none was found: what was read before all that is known may be anything.
        if (MayHaveGone(sequence, found.Version))
        {
            Saw(sequence > 0, $"{what} that went");
            return new Expected(Verdict.Reread);
        }

        Assert.True(!IsAlone || takes == (found.Value?.Sequence ?? 0), $"another {what} follows");
        return new Expected(Verdict.Accepted);
    }

    private Accepted Structural(PendingChange change, RememberedRequest? request, Action<ModelState> intent)
    {
        Assert.Equal(_projected.LastPosition + 1 + change.Changes.OfType<Created>().Count(), change.Event?.Position);
        return new Accepted(change, state =>
        {
            intent(state);
            Remember(state, request);
        })
        {
            Ids = IdsOf(request),
            IsStructural = true,
        };
    }

    private Expected Expect(Versioned<StoredCheckpoint> target, Authority authority)
    {
        var sequence = target.Value.Sequence;
        var expected = IfDeleted()
            ?? IfRefused(authority)
            ?? (_pending.Find(p => p.Removes(sequence)) is { } removal ? ToWaitFor(removal.Change)
            : new Expected(MayHaveGone(sequence, target.Version) ? Verdict.Reread : Verdict.Accepted));
        Assert.True(
            expected is not { Verdict: Verdict.Accepted, Refusal: null } || !IsAlone || _projected.IsVisible(sequence),
            $"{sequence} is changed, and is not there");
        return expected;
    }

    /// <summary>A checkpoint as the tail or the store has it, or as it was read before.</summary>
    private Versioned<StoredCheckpoint>? Target()
    {
        if (_held.Count > 0 && _random.Next(6) == 0)
        {
            return _held[_random.Next(_held.Count)];
        }

        var sequence = _random.Next(4) switch
        {
            0 => _committed.Head,
            1 => _committed.Current,
            _ => AnyRow()?.Sequence ?? 0,
        };
        if (sequence == 0)
        {
            return null;
        }

        if (_engine.FindInTail(sequence) is { } inTail && _random.Next(2) == 0)
        {
            return new(_committed.Version, inTail);
        }

        if (_world.Store.Read(sequence) is not { Value: { } row } read)
        {
            return null;
        }

        HoldRequirers(row.Sequence, read.Version);
        var target = new Versioned<StoredCheckpoint>(read.Version, row);
        if (target.Version <= _engine.NewestVersion && _random.Next(6) == 0)
        {
            _held.Add(target);
        }

        return target;
    }

    private RememberedRequest? Request() => _random.Next(2) == 0 ? null : new(_world.NewGuid(), _world.Now, "kind", "{}");

    private static Guid[] IdsOf(RememberedRequest? request) => request is { } one ? [one.Id] : [];

    private static void Remember(ModelState state, RememberedRequest? request) => state.NewRequests.UnionWith(IdsOf(request));

    private void Saw(bool accepted, string what)
    {
        if (accepted)
        {
            _world.Saw(what);
        }
    }
}
