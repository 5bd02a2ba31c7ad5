using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

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
        switch (_random.Next(5))
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

        var (now, request) = (_world.Now, Request());
        var number = _random.Next(1000);
        var settings = $"{{\"labels\":{{\"n\":\"{number}\",\"parity\":\"{number % 2}\"}}}}";
        var work = _random.Next(2) == 0 ? new Due(DueWorkKind.Retain, now) : null;
        var accepted = Ask(
            IfDeleted() ?? new Expected(Verdict.Accepted),
            () => _engine.SetSettings(settings, now, request, work),
            change => new Accepted(change, state =>
            {
                state.SetSettings(settings, now);
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

    /// <summary>Reads the newest checkpoints, and gives them to the engine now or later.</summary>
    public void FillTail()
    {
        var newest = _heldNewest is { } held && _random.Next(2) == 0 ? held : _world.Store.ReadNewest(SessionTail.Capacity);
        _heldNewest = _random.Next(3) == 0 ? _world.Store.ReadNewest(SessionTail.Capacity) : _heldNewest;
        if (newest.Version > _engine.NewestVersion || _pending.Exists(p => p.IsExclusive))
        {
            return;
        }

        // What another activation wrote is not to be told from what this one has in flight, by its version. The fence refuses what
        // would rest on it.
        if (newest.Version > _committed.Version && !IsAlone)
        {
            _world.Saw("overtaken");
            return;
        }

        if (_engine.FillTail(newest.Value, newest.Version) is { } pending)
        {
            Assert.Same(Newest, pending);
        }

        CheckTail();
    }

    private void Restore(Versioned<StoredCheckpoint> target)
    {
        var (now, request, sequence) = (_world.Now, Request(), target.Value.Sequence);
        var accepted = Ask(
            Expect(target),
            () => _engine.Restore(target, now, (undo, anchor) =>
            {
                Assert.Equal(
                    _projected.Current == 0 ? null : new CheckpointPointer(_projected.Current, _projected.Rows[_projected.Current].Id), undo);
                Assert.Equal(_projected.LastPosition + 1, anchor.Position);
                return request;
            }),
            change => Structural(change, request, state => state.Restore(sequence, now)));
        Saw(accepted, sequence == _committed.Current ? "restore of the current one" : "restore");
    }

    private void Annotate(Versioned<StoredCheckpoint> target)
    {
        var (now, request, sequence) = (_world.Now, Request(), target.Value.Sequence);
        var text = $"note {_random.Next(100)}";
        var accepted = Ask(
            Expect(target),
            () => _engine.Annotate(target, AnnotationSeverity.Info, text, now, note =>
            {
                Assert.Equal((_projected.LastPosition + 1, text), (note.Position, note.Text));
                return request;
            }),
            change => Structural(change, request, state => state.Annotate(sequence, text, now)));
        Saw(accepted, "annotate");
    }

    private void SetTags(Versioned<StoredCheckpoint> target)
    {
        var (now, request, sequence) = (_world.Now, Request(), target.Value.Sequence);
        string[] tags = _random.Next(3) switch { 0 => [], 1 => ["keep"], _ => [$"t{_random.Next(5)}"] };
        var expected = Expect(target);
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
            () => _engine.SetTags(target, tags, now, request),
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
        var (now, request, row) = (_world.Now, Request(), target.Value);
        var expected = Expect(target);
        var (isHead, isCurrent, isOnly) = (row.Sequence == _projected.Head, row.Sequence == _projected.Current, _projected.Count == 1);
        var isKnown = _pending.Exists(p => p.Ids.Contains(row.Id.Value));
        var ancestor = ReadAncestor(row);
        if (ancestor?.Version > _engine.NewestVersion)
        {
            _world.Saw("overtaken");
            return;
        }

        if (expected is { Refusal: null, Verdict: Verdict.Accepted } && _engine.NeedsAncestor(row))
        {
            expected = ExpectOfAncestor(row, ancestor);
        }

        var accepted = Ask(
            expected,
            () =>
            {
                var decision = _engine.Delete(target, ancestor, now, now, request);
                if (decision.Verdict != Verdict.NeedTail)
                {
                    return decision;
                }

                // What is in flight is not among what is read then.
                Assert.True(expected.Verdict == Verdict.Accepted && isHead && !isOnly);
                _unknownTo = row.Sequence;
                _world.Saw("NeedTail");
                CheckState();
                FillTail();
                expected.Verdict = Verdict.NeedTail;
                return decision;
            },
            change => Structural(change, request, state => state.Delete(row.Sequence, now, ModelWorld.RequestWindow)) with
            {
                Removes = sequence => sequence == row.Sequence,
                Ids = now - row.CreatedAt <= ModelWorld.RequestWindow && !isKnown ? [.. IdsOf(request), row.Id.Value] : IdsOf(request),
            });
        Saw(accepted, "delete");
        Saw(accepted && isHead, "delete of the head");
        Saw(accepted && isCurrent && !isHead, "delete of the current one");
        Saw(accepted && isOnly, "delete of the last one");
        Saw(accepted && isCurrent && !isOnly && _projected.Current == 0, "delete of the current one that leaves none");
        Saw(accepted && isCurrent && _projected.Current != row.Parent && _projected.Current != 0, "delete of the current one whose parent went");
    }

    /// <summary>Reads what would become current after the current one, for later.</summary>
    private void HoldAncestor()
    {
        if (_committed.Current > 0)
        {
            _heldAncestors.TryAdd(_committed.Current, _world.Store.ReadNearest(_committed.Rows[_committed.Current].Parent));
        }
    }

    /// <summary>What becomes current after a checkpoint, read now or a while ago, or not at all though the engine needs it.</summary>
    private Versioned<CheckpointPointer?>? ReadAncestor(StoredCheckpoint row)
    {
        return !_engine.NeedsAncestor(row) || _random.Next(20) == 0 ? null
            : _heldAncestors.TryGetValue(row.Sequence, out var held) && _random.Next(2) == 0 ? held
            : _world.Store.ReadNearest(row.Parent);
    }

    private Expected ExpectOfAncestor(StoredCheckpoint row, Versioned<CheckpointPointer?>? read)
    {
        if (read is not { } found)
        {
            return new Expected(Verdict.Reread);
        }

        if (found.Value is { Sequence: var sequence })
        {
            if (_pending.Find(p => p.Removes(sequence)) is { } removal)
            {
                _world.Saw("ancestor that is going");
                return ToWaitFor(removal.Change);
            }

            if (MayHaveGone(sequence, found.Version))
            {
                _world.Saw("ancestor that went");
                return new Expected(Verdict.Reread);
            }
        }

        Assert.True(!IsAlone || _projected.Nearest(row.Parent) == (found.Value?.Sequence ?? 0), $"another ancestor follows {row.Sequence}");
        return new Expected(Verdict.Accepted);
    }

    private Accepted Structural(PendingChange change, RememberedRequest? request, Action<ModelState> intent)
    {
        Assert.Equal(_projected.LastPosition + 1, change.Event?.Position);
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

    private Expected Expect(Versioned<StoredCheckpoint> target)
    {
        var sequence = target.Value.Sequence;
        var expected = IfDeleted()
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
