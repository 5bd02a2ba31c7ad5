using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>
    /// True if a checkpoint is current on a branch, and the engine does not know of itself which one becomes current after it: the
    /// caller must read the nearest one of its parent and the ancestors of that, and pass it.
    /// </summary>
    public bool NeedsAncestor(StoredCheckpoint row) =>
        _projected is { Head.Count: > 1 } head && head.IsCurrent(row.Sequence) && !_tail.TryFindNearest(row.Parent, out _);

    /// <summary>
    /// True if a checkpoint is the head of its branch, and the engine does not know of itself which one becomes the head after it: the
    /// caller must read the newest one of the branch below it, and pass it.
    /// </summary>
    public bool NeedsBelow(StoredCheckpoint row) =>
        _projected is { Head.Count: > 1 } head && head.LineOf(row.Branch) is var line && line.Head.Sequence == row.Sequence
        && (row.Branch is null ? head.MainCount : line.Count) > 1 && _tail.NewestExcept(row.Sequence, row.Branch) is null;

    /// <summary>
    /// Deletes a checkpoint that no other requires. The newest one left of its branch follows a head that goes, and the nearest ancestor
    /// follows it where it is current.
    /// </summary>
    /// <param name="target">The checkpoint.</param>
    /// <param name="ancestor">If <see cref="NeedsAncestor"/> was true, what was read; null otherwise.</param>
    /// <param name="below">If <see cref="NeedsBelow"/> was true, what was read; null otherwise.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="due">When the work of removing the row is due: now, by the clock of due work.</param>
    /// <param name="request">The request to remember; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="requirers">If the tail did not hold the checkpoint, who required it as it was read; null otherwise.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    /// <exception cref="CheckpointRequiredException">Others require it, whatever becomes of what is pending.</exception>
    public Decision Delete(
        Versioned<StoredCheckpoint> target,
        Versioned<CheckpointPointer?>? ancestor,
        Versioned<CheckpointPointer?>? below,
        DateTimeOffset now,
        DateTimeOffset due,
        RememberedRequest? request,
        Authority authority = default,
        Requirers? requirers = null,
        Due? work = null)
    {
        if ((Check(target, authority) ?? CheckFree(target, requirers)) is { } notYet)
        {
            return notYet;
        }

        var (before, row) = (_projected!, target.Value);
        var line = before.LineOf(row.Branch);
        line = line with { Count = line.Count - 1 };
        if (row.Sequence == line.Head.Sequence)
        {
            var held = _tail.NewestExcept(row.Sequence, row.Branch);
            if (FindNext(NeedsBelow(row), held, below, out var head) is { } notKnown)
            {
                return notKnown;
            }

            line = line with { Head = head };
        }

        var after = before.With(row.Branch, line);
        var moved = new List<string?> { row.Branch };
        if (before.IsCurrent(row.Sequence))
        {
            _tail.TryFindNearest(row.Parent, out var nearest);
            if (FindNext(NeedsAncestor(row), nearest, ancestor, out var current) is { } notKnown)
            {
                return notKnown;
            }

            (after, var others) = after.Replace(row.Sequence, current);
            moved.AddRange(others);
        }

        after = NextPosition(after.With(after.Writes.Without([new SequenceRange(row.Sequence, row.Sequence)])));
        after = after with
        {
            Head = after.Head with { Count = before.Head.Count - 1, Bytes = before.Head.Bytes - row.Size },
        };
        (after, var happened) = Link(SessionEventKind.Deleted, row.Sequence, after, now, new EventDetail());
        List<SessionChange> changes = [new Removed(row.Sequence)];
        Move(changes, after, moved);
        return Accept(new PendingChange
        {
            After = after,
            Changes =
            [
                .. changes,
                new Logged(happened),
                .. Remember(request),
                .. Remember(now - row.CreatedAt <= _requestWindow ? RemovedCreate.Remember(row) : null),
                new Due(DueWorkKind.Reclaim, due.ToMicroseconds()),
                .. Note(work),
            ],
        });
    }

    /// <summary>
    /// What takes the place of a checkpoint that goes, once all is committed that is pending; sequence 0 for none. What was not there
    /// when it was read never will be, so that what was found is what comes next for as long as it is there.
    /// </summary>
    /// <param name="isRead">True if it is not known but by the read.</param>
    /// <param name="held">What the tail holds of it; null for none.</param>
    /// <param name="read">What was read; null if nothing was.</param>
    /// <param name="found">What takes the place.</param>
    private Decision? FindNext(bool isRead, StoredCheckpoint? held, Versioned<CheckpointPointer?>? read, out CheckpointPointer found)
    {
        found = held is null ? default : new(held.Sequence, held.Id);
        if (!isRead)
        {
            return null;
        }

        if (read is not { } was)
        {
            return new Decision(Verdict.Reread);
        }

        found = was.Value ?? default;
        return _pendingDeletes.TryGetValue(found.Sequence, out var deletion) ? Decision.WaitFor(deletion)
            : _removals.MayBeSince(found.Sequence, was.Version) ? new Decision(Verdict.Reread)
            : null;
    }
}
