using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Portability;
using Forge.Grains.Rules;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Integrity;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>
    /// Null if the session can be made: nothing was ever saved in it. If that is not known yet, the decision is to wait for what is
    /// pending, which may fail.
    /// </summary>
    /// <exception cref="SessionExistsException">It is there.</exception>
    /// <exception cref="SessionDeletedException">It was deleted.</exception>
    public Decision? RequireUnused()
    {
        RequireAlive();
        return _projected is null ? null
            : _committed is null || PendingErasure is not null ? Decision.WaitFor(NewestPending!)
            : throw new SessionExistsException(_address);
    }

    /// <summary>Makes the session with one checkpoint, which has the state of another session's.</summary>
    /// <param name="command">The create of it.</param>
    /// <param name="origin">The link to the other session.</param>
    /// <param name="settings">The settings of the other session; null if it has none.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="remember">Is told the checkpoint's row and the anchor that the fork makes, and answers the request to remember; null
    /// for none.</param>
    /// <param name="effects">The effects that were staged for it, and under which key, which is to be the session's; null for none.</param>
    /// <param name="workTime">The time by the clock of due work; null if that is the same.</param>
    /// <exception cref="SessionExistsException">The session is there.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public Decision Fork(
        CreateCommand command,
        ForkLink origin,
        string? settings,
        DateTimeOffset now,
        Due? work,
        Authority authority,
        Func<StoredCheckpoint, Anchor, RememberedRequest?> remember,
        (long Key, StagedEffects Staged)? effects = null,
        DateTimeOffset? workTime = null)
    {
        if ((RequireUnused() ?? CheckClaim(authority)) is { } notYet)
        {
            return notYet;
        }

        var before = ProjectedOrNew(now);
        before = before with { Head = before.Head with { Settings = settings } };
        var row = RowOf(command, before.Head, parent: 0, now);
        List<SessionChange> changes = [new Created(row)];
        var after = BeginSchedule(Following(before, row, count: 1), null, from: null, now, workTime, out var remind);
        if (effects is { } brought)
        {
            _key = brought.Key;
            changes.Add(new TookOver(brought.Key, 0) { HasEffects = true });
            after = BringEffects(after, brought.Staged, now, changes, out _);
        }

        after = BeginFrom(origin, after, now, changes, out var happened);
        changes.AddRange([new Labelled(StoredLabel.Of(settings)), .. Remember(remember(row, AnchorOf(happened))), .. Note(work), .. Note(remind)]);
        return Accept(new PendingChange
        {
            After = after,
            Changes = changes,
            HeadWeight = SessionChange.WeightOf(settings),
            BroughtAt = now,
        });
    }

    /// <summary>Makes the session with staged checkpoints of another one.</summary>
    /// <param name="staged">What was staged, with the link to the other session.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    /// <param name="authority">By what right.</param>
    /// <param name="remember">Is told the anchor that the fork makes, and answers the request to remember; null for none.</param>
    /// <param name="workTime">The time by the clock of due work; null if that is the same.</param>
    /// <exception cref="SessionExistsException">The session is there.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public Decision Fork(
        StagedCheckpoints staged,
        DateTimeOffset now,
        Due? work,
        Authority authority,
        Func<Anchor, RememberedRequest?> remember,
        DateTimeOffset? workTime = null) =>
        RequireUnused() ?? Import(staged, now, work, authority, remember, workTime);

    /// <summary>Says where a session comes from, behind what it begins with: by an event, a link, and in the head.</summary>
    private HeadRead BeginFrom(
        ForkLink origin, HeadRead after, DateTimeOffset now, List<SessionChange> changes, out SessionEvent happened)
    {
        origin = origin with { At = now.ToMicroseconds() };
        after = after with
        {
            Head = after.Head with
            {
                OriginKey = origin.OriginKey,
                OriginSequence = origin.Sequence,
                LastPosition = after.Head.LastPosition + 1,
            },
        };
        (after, happened) = Link(
            SessionEventKind.Forked, 0, after, now, new EventDetail { Origin = OriginDetail.Of(origin) });
        changes.AddRange([new Logged(happened), new BeganFrom(origin)]);
        return after;
    }
}
