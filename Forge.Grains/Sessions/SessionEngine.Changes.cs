using System.Security.Cryptography;
using System.Text;
using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>Makes a checkpoint the current one of a branch and records that it was restored.</summary>
    /// <param name="target">The checkpoint as it was read.</param>
    /// <param name="branch">The branch; null for main.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="remember">Is told what is current before, what is saved and the anchor that the change makes, and answers the request
    /// to remember; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="save">A create on the branch that goes before it, as the current one's child; null for none.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    /// <param name="effectsVersion">The version that effects were read in; that of the checkpoint if nothing is said.</param>
    /// <exception cref="BranchNotFoundException">There is no such branch, whatever becomes of what is pending.</exception>
    public Decision Restore(
        Versioned<StoredCheckpoint> target,
        string? branch,
        DateTimeOffset now,
        Func<CheckpointPointer?, StoredCheckpoint?, Anchor, RememberedRequest?> remember,
        Authority authority = default,
        CreateCommand? save = null,
        Due? work = null,
        long? effectsVersion = null)
    {
        // What is told of effects that came later must hold as it is restored.
        if ((Check(target, authority) ?? CheckEffects(effectsVersion ?? target.Version)) is { } notYet)
        {
            return notYet;
        }

        var (before, row) = (_projected!, target.Value);
        var line = before.LineOf(branch);
        if (branch is not null && line.Count == 0)
        {
            return MayHave(branch) ? Decision.WaitFor(NewestPending!) : throw new BranchNotFoundException(_address, branch);
        }

        List<SessionChange> changes = [];
        var saved = save is null ? null : RowOf(save, before.Head, line.Current.Sequence, now);
        if (saved is not null)
        {
            changes.Add(new Created(saved));
            before = Following(before, saved, line.Count + 1);
            line = before.LineOf(branch);
        }

        var undo = line.Current.Sequence > 0 ? line.Current : (CheckpointPointer?)null;
        line = line with { Current = new(row.Sequence, row.Id) };
        var after = NextPosition(before.With(branch, line));
        (after, var happened) = Link(
            SessionEventKind.Restored, row.Sequence, after, now, new EventDetail { Undo = undo?.Sequence, Branch = branch });
        changes.AddRange([.. Moves(branch, line), new Logged(happened), .. Remember(remember(undo, saved, AnchorOf(happened))), .. Note(work)]);
        return Accept(new PendingChange { After = after, Changes = changes, BroughtAt = saved is null ? null : now });
    }

    /// <summary>Attaches a note to a checkpoint; its position is that of the accepted change's event. <paramref name="remember"/>
    /// is told the note, and answers the request to remember; null for none.</summary>
    public Decision Annotate(
        Versioned<StoredCheckpoint> target,
        AnnotationSeverity severity,
        string text,
        DateTimeOffset now,
        Func<Annotation, RememberedRequest?> remember,
        Authority authority = default)
    {
        if (Check(target, authority) is { } notYet)
        {
            return notYet;
        }

        var after = NextPosition(_projected!);
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
        Versioned<StoredCheckpoint> target,
        IReadOnlyList<string> tags,
        DateTimeOffset now,
        RememberedRequest? request,
        Due? work = null,
        Authority authority = default)
    {
        if (Check(target, authority) is { } notYet)
        {
            return notYet;
        }

        var (after, row) = (NextPosition(_projected!), target.Value);
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
        string settings, DateTimeOffset now, RememberedRequest? request, Due? work = null, Authority authority = default,
        DateTimeOffset? workTime = null)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if (CheckClaim(authority) is { } refused)
        {
            return refused;
        }

        var before = ProjectedOrNew(now);
        var after = before with { Head = before.Head with { Settings = settings } };
        after = BeginSchedule(
            after, before.Head.Settings, before.Head.LastCreatedAt is null ? now : null, now, workTime, out var remind);
        return Accept(new PendingChange
        {
            After = after,
            Changes = [new Labelled(StoredLabel.Of(settings)), .. Remember(request), .. Note(work), .. Note(remind)],
            HeadWeight = SessionChange.WeightOf(settings),
        });
    }

    /// <summary>
    /// Deletes the session if nothing was created in it or imported since so long ago, and it has no effects but tokens, of which somebody
    /// may yet say or ask what became; otherwise the decision is that nothing was taken. A create that is pending counts: it may yet fail,
    /// and then there is a next time.
    /// </summary>
    /// <param name="timeToLive">How long ago.</param>
    /// <param name="importedAt">When something was last imported, as it was read; null for never.</param>
    /// <param name="now">The time.</param>
    public Decision Expire(TimeSpan timeToLive, DateTimeOffset? importedAt, DateTimeOffset now)
    {
        RequireAlive();
        return PendingErasure is { } erasure ? Decision.WaitFor(erasure)
            : ProjectedHead is { HasEffects: false } head && (head.LastCreatedAt ?? head.CreatedAt) + timeToLive <= now
                && !(importedAt + timeToLive > now) ? DeleteSession(now, Authority.AboveClaims)
            : new Decision(Verdict.NotTaken);
    }

    /// <summary>
    /// Deletes the session; the head row stays as a tombstone, with nothing of what the session was but its numbers.
    /// </summary>
    /// <param name="now">The time, by the clock of due work.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="request">The request to remember; null for none.</param>
    public Decision DeleteSession(DateTimeOffset now, Authority authority = default, RememberedRequest? request = null)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if (CheckClaim(authority) is { } refused)
        {
            return refused;
        }

        var at = now.ToMicroseconds();
        _tail.Clear();
        var decision = Accept(new PendingChange
        {
            After = new HeadRead(_projected!.Head.Ended(at), default, default),
            Changes = [new Labelled([]), .. Remember(request), new Due(DueWorkKind.Erase, at)],
        });

        // What a clock said in this life is nothing to the next.
        _projectedAt = decision.Verdict == Verdict.Accepted ? null : _projectedAt;
        return decision;
    }

    private static SessionChange[] Note(Due? work) => work is null ? [] : [work];

    private static SessionChange[] Remember(RememberedRequest? request) => request is { } one ? [new Remembered(one)] : [];

    private Decision? Check(Versioned<StoredCheckpoint> target, Authority authority)
    {
        RequireAlive();
        return PendingErasure is { } erasure ? Decision.WaitFor(erasure)
            : CheckClaim(authority) is { } refused ? refused
            : _pendingDeletes.TryGetValue(target.Value.Sequence, out var deletion) ? Decision.WaitFor(deletion)
            : _removals.MayBeSince(target.Value.Sequence, target.Version) ? new Decision(Verdict.Reread)
            : _projected is null ? new Decision(Verdict.Reread)
            : null;
    }

    /// <summary>True if a branch is there if less of what is pending is committed.</summary>
    private bool MayHave(string branch) => _committed?.Branches.ContainsKey(branch) is true
        || _inFlight.Exists(c => c.After.Branches.ContainsKey(branch))
        || _queue.Exists(c => c.After.Branches.ContainsKey(branch));

    private static HeadRead NextPosition(HeadRead before) => before with
    {
        Head = before.Head with { LastPosition = before.Head.LastPosition + 1 },
    };

    private SessionChange[] Moves(string? branch, BranchLine line) => branch is null ? [] : [line.Moves(_address, branch)];

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

    /// <summary>The newest anchor once an accepted change is committed; null if it was not accepted, or nothing is chained.</summary>
    public static Anchor? AnchorAfter(Decision decision) =>
        decision is { Verdict: Verdict.Accepted, Change.After.Head: var head } ? AnchorOf(head) : null;

    /// <summary>The newest anchor of a head row; null if nothing is chained.</summary>
    public static Anchor? AnchorOf(SessionHead head) =>
        head is { LastPosition: > 0, Chain: { } chain } ? new Anchor(head.LastPosition, Convert.ToHexStringLower(chain)) : null;

    private static Anchor AnchorOf(SessionEvent happened) =>
        new(happened.Position, Convert.ToHexStringLower(happened.Chain!));
}
