using System.Security.Cryptography;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>Makes a checkpoint current and records that it was restored.</summary>
    /// <param name="target">The checkpoint as it was read.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="remember">Is told what is current before and the anchor that the change makes, and answers the request to
    /// remember; null for none.</param>
    public Decision Restore(
        Versioned<StoredCheckpoint> target, DateTimeOffset now, Func<CheckpointPointer?, Anchor, RememberedRequest?> remember)
    {
        if (Check(target) is { } notYet)
        {
            return notYet;
        }

        var (before, row) = (_projected!, target.Value);
        var undo = before.Head.Current > 0
            ? new CheckpointPointer(before.Head.Current, before.CurrentId)
            : (CheckpointPointer?)null;
        var after = before with
        {
            Head = before.Head with { Current = row.Sequence, LastPosition = before.Head.LastPosition + 1 },
            CurrentId = row.Id,
        };
        (after, var happened) = Link(
            SessionEventKind.Restored, row.Sequence, after, now, new EventDetail { Undo = undo?.Sequence });
        return Accept(new PendingChange
        {
            After = after,
            Changes = [new Logged(happened), .. Remember(remember(undo, AnchorOf(happened)))],
        });
    }

    /// <summary>
    /// True if a checkpoint is current, and the engine does not know of itself which one becomes current after it: the caller must read
    /// the nearest one of its parent and the ancestors of that, and pass it.
    /// </summary>
    public bool NeedsAncestor(StoredCheckpoint row) =>
        row.Parent != 0 && ProjectedHead is { Count: > 1 } head && row.Sequence == head.Current && _tail.Find(row.Parent) is null;

    /// <summary>
    /// Deletes a checkpoint. The newest one left follows a head that goes, and the nearest ancestor follows a current one that goes.
    /// </summary>
    /// <param name="target">The checkpoint.</param>
    /// <param name="ancestor">If <see cref="NeedsAncestor"/> was true, what was read; null otherwise.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="due">When the work of removing the row is due: now, by the clock of due work.</param>
    /// <param name="request">The request to remember; null for none.</param>
    public Decision Delete(
        Versioned<StoredCheckpoint> target,
        Versioned<CheckpointPointer?>? ancestor,
        DateTimeOffset now,
        DateTimeOffset due,
        RememberedRequest? request)
    {
        if (Check(target) is { } notYet)
        {
            return notYet;
        }

        var (before, row) = (_projected!, target.Value);
        var current = new CheckpointPointer(before.Head.Current, before.CurrentId);
        if (row.Sequence == current.Sequence && AncestorOf(row, ancestor, out current) is { } notKnown)
        {
            return notKnown;
        }

        var (head, headId) = (before.Head.Head, before.HeadId);
        if (row.Sequence == head)
        {
            if (before.Head.Count == 1)
            {
                (head, headId) = (0, default);
            }
            else if (_tail.NewestExcept(row.Sequence) is { } next)
            {
                (head, headId) = (next.Sequence, next.Id);
            }
            else
            {
                // The head is committed and the newest, so nothing pending is in the tail that a fill would not find.
                _tail.Clear();
                return new Decision(Verdict.NeedTail);
            }
        }

        var after = new HeadRead(
            before.Head with
            {
                Head = head,
                Current = current.Sequence,
                Count = before.Head.Count - 1,
                Bytes = before.Head.Bytes - row.Size,
                LastPosition = before.Head.LastPosition + 1,
            },
            headId,
            current.Id);
        (after, var happened) = Link(SessionEventKind.Deleted, row.Sequence, after, now, new EventDetail());
        return Accept(new PendingChange
        {
            After = after,
            Changes =
            [
                new Removed(row.Sequence),
                new Logged(happened),
                .. Remember(request),
                .. Remember(now - row.CreatedAt <= _requestWindow ? RemovedCreate.Remember(row) : null),
                new Due(DueWorkKind.Reclaim, due.ToMicroseconds()),
            ],
        });
    }

    /// <summary>Attaches a note to a checkpoint; its position is that of the accepted change's event. <paramref name="remember"/>
    /// is told the note, and answers the request to remember; null for none.</summary>
    public Decision Annotate(
        Versioned<StoredCheckpoint> target,
        AnnotationSeverity severity,
        string text,
        DateTimeOffset now,
        Func<Annotation, RememberedRequest?> remember)
    {
        if (Check(target) is { } notYet)
        {
            return notYet;
        }

        var after = NextPosition();
        var note = new NewAnnotation(target.Value.Sequence, after.Head.LastPosition, now.ToMicroseconds(), severity, text);
        (after, var happened) = Link(SessionEventKind.Annotated, note.Sequence, after, now, new EventDetail
        {
            Severity = (int)severity,
            Text = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
        });
        var request = remember(new Annotation(note.Position, note.At, severity, text) { Chain = AnchorOf(happened).Chain });
        return Accept(new PendingChange
        {
            After = after,
            Changes = [new Annotated(note), new Logged(happened), .. Remember(request)],
        });
    }

    /// <summary>Replaces the tags of a checkpoint.</summary>
    public Decision SetTags(
        Versioned<StoredCheckpoint> target, IReadOnlyList<string> tags, DateTimeOffset now, RememberedRequest? request, Due? work = null)
    {
        if (Check(target) is { } notYet)
        {
            return notYet;
        }

        var (after, row) = (NextPosition(), target.Value);
        var tagsBefore = row.Tags;
        var held = _tail.Find(row.Sequence);
        if (held is not null)
        {
            tagsBefore = held.Tags;
        }
        else if (_pendingTags.TryGetValue(row.Sequence, out var pending))
        {
            tagsBefore = pending.Tags;
        }
        else if (_tagChanges.MayBeSince(row.Sequence, target.Version))
        {
            return new Decision(Verdict.Reread);
        }

        (after, var happened) = Link(
            SessionEventKind.Tagged, row.Sequence, after, now, new EventDetail { Tags = tags, TagsBefore = tagsBefore });

        var decision = Accept(new PendingChange
        {
            After = after,
            Changes = [new Tagged(row.Sequence, tags), new Logged(happened), .. Remember(request), .. Note(work)],
        });
        if (held is not null && decision.Verdict == Verdict.Accepted)
        {
            _tail.Replace(held with { Tags = tags, FirstTags = held.FirstTags ?? held.Tags });
        }

        return decision;
    }

    /// <summary>
    /// Has a row written anew that does not hold the state that was saved. It changes nothing that the session shows, and so has no
    /// event.
    /// </summary>
    public Decision Mend(Mended change)
    {
        RequireAlive();
        return PendingErasure is { } erasure ? Decision.WaitFor(erasure)
            : _projected is { } head ? Accept(new PendingChange { After = head, Changes = [change] })
            : new Decision(Verdict.Reread);
    }

    /// <summary>Replaces the session's settings, making the session if it does not exist.</summary>
    public Decision SetSettings(
        string settings, DateTimeOffset now, RememberedRequest? request, Due? work = null)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        var before = ProjectedOrNew(now);
        return Accept(new PendingChange
        {
            After = before with { Head = before.Head with { Settings = settings } },
            Changes = [new Labelled(StoredLabel.Of(settings)), .. Remember(request), .. Note(work)],
            HeadWeight = SessionChange.WeightOf(settings),
        });
    }

    /// <summary>
    /// Deletes the session if nothing was created in it or imported since so long ago; otherwise the decision is that nothing
    /// was taken. A create that is pending counts: it may yet fail, and then there is a next time.
    /// </summary>
    /// <param name="timeToLive">How long ago.</param>
    /// <param name="importedAt">When something was last imported, as it was read; null for never.</param>
    /// <param name="now">The time.</param>
    public Decision Expire(TimeSpan timeToLive, DateTimeOffset? importedAt, DateTimeOffset now)
    {
        RequireAlive();
        return PendingErasure is { } erasure ? Decision.WaitFor(erasure)
            : ProjectedHead is { } head && (head.LastCreatedAt ?? head.CreatedAt) + timeToLive <= now
                && !(importedAt + timeToLive > now) ? DeleteSession(now)
            : new Decision(Verdict.NotTaken);
    }

    /// <summary>
    /// Deletes the session; the head row stays as a tombstone, with nothing of what the session was. No request is
    /// remembered: the tombstone tells.
    /// </summary>
    /// <param name="now">The time, by the clock of due work.</param>
    public Decision DeleteSession(DateTimeOffset now)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        var at = now.ToMicroseconds();
        _tail.Clear();
        return Accept(new PendingChange
        {
            After = new HeadRead(_projected!.Head.Ended(at), default, default),
            Changes = [new Labelled([]), new Due(DueWorkKind.Erase, at)],
        });
    }

    private static SessionChange[] Note(Due? work) => work is null ? [] : [work];

    /// <summary>
    /// The nearest ancestor of a checkpoint that is there once all is committed that is pending; sequence 0 for none. What was not there
    /// when it was read never will be, so that the one that was read is the nearest for as long as it is there.
    /// </summary>
    private Decision? AncestorOf(StoredCheckpoint row, Versioned<CheckpointPointer?>? read, out CheckpointPointer ancestor)
    {
        ancestor = _tail.Find(row.Parent) is { } parent ? new(parent.Sequence, parent.Id) : default;
        if (!NeedsAncestor(row))
        {
            return null;
        }

        if (read is not { } found)
        {
            return new Decision(Verdict.Reread);
        }

        ancestor = found.Value ?? default;
        return _pendingDeletes.TryGetValue(ancestor.Sequence, out var deletion) ? Decision.WaitFor(deletion)
            : _removals.MayBeSince(ancestor.Sequence, found.Version) ? new Decision(Verdict.Reread)
            : null;
    }

    private static SessionChange[] Remember(RememberedRequest? request) => request is { } one ? [new Remembered(one)] : [];

    private Decision? Check(Versioned<StoredCheckpoint> target)
    {
        RequireAlive();
        return PendingErasure is { } erasure ? Decision.WaitFor(erasure)
            : _pendingDeletes.TryGetValue(target.Value.Sequence, out var deletion) ? Decision.WaitFor(deletion)
            : _removals.MayBeSince(target.Value.Sequence, target.Version) ? new Decision(Verdict.Reread)
            : _projected is null ? new Decision(Verdict.Reread)
            : null;
    }

    private HeadRead NextPosition() => _projected! with
    {
        Head = _projected.Head with { LastPosition = _projected.Head.LastPosition + 1 },
    };

    /// <summary>
    /// The event of a change and the head after it, both with the chain value that follows what is pending. The change must
    /// be accepted with no command between.
    /// </summary>
    private (HeadRead After, SessionEvent Happened) Link(
        SessionEventKind kind, long sequence, HeadRead after, DateTimeOffset now, EventDetail detail)
    {
        var happened = new SessionEvent(
            after.Head.LastPosition, kind, now.ToMicroseconds(), sequence, after.Head.LastSequence,
            (detail with { After = SessionTotals.Of(after.Head) }).ToJson());
        happened = happened with { Chain = HistoryChain.Next(ChainOf(after.Head), happened) };
        return (after with { Head = after.Head with { Chain = happened.Chain } }, happened);
    }

    /// <summary>The anchor that a change with an event made.</summary>
    public static Anchor AnchorOf(PendingChange change) => AnchorOf(change.Event!.Value);

    private static Anchor AnchorOf(SessionEvent happened) =>
        new(happened.Position, Convert.ToHexStringLower(happened.Chain!));
}
