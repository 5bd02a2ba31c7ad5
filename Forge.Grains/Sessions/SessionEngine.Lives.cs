using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>
    /// Removes all that is there once all is committed that is pending. No change of what is there may be pending but creates.
    /// </summary>
    /// <param name="now">The time of the change.</param>
    /// <param name="due">When the work of removing the rows is due: now, by the clock of due work.</param>
    /// <param name="remember">Is told the answer, and answers the request to remember; null for none.</param>
    /// <param name="authority">By what right.</param>
    public Decision Clear(
        DateTimeOffset now, DateTimeOffset due, Func<ClearResult, RememberedRequest?> remember, Authority authority = default)
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

        var before = _projected!;
        SequenceRange[] everything = before.Head.LastSequence > 0 ? [new SequenceRange(1, before.Head.LastSequence)] : [];
        var after = NextPosition(new HeadRead(before.With(WriteIndex.Empty).Head with { Head = 0, Current = 0, Count = 0, Bytes = 0 }, default, default));
        (after, var happened) = Link(SessionEventKind.Compacted, 0, after, now, new EventDetail
        {
            Deleted = before.Head.Count,
            Remaining = 0,
            Ranges = EventDetail.Tell(everything),
        });
        return Accept(new PendingChange
        {
            After = after,
            Changes =
            [
                .. everything.Select(range => new RangeRemoved(range)),
                .. before.Branches.Keys.Select(branch => default(BranchLine).Moves(_address, branch)),
                new Logged(happened),
                .. Remember(remember(new ClearResult(before.Head.Count, AnchorOf(happened)))),
                .. everything.Select(_ => new Due(DueWorkKind.Reclaim, due.ToMicroseconds())),
            ],
        });
    }

    /// <summary>Remembers a request to delete a session whose deletion is committed already.</summary>
    public Decision RememberDeletion(RememberedRequest request) =>
        _committed is not { Head.DeletedAt: not null } ? new Decision(Verdict.Reread)
        : NewestPending is { } pending ? Decision.WaitFor(pending)
        : Accept(new PendingChange { After = _committed, Changes = [new Remembered(request)] });

    /// <summary>
    /// Lets the session live again, whose deletion is committed and of which nothing is stored any more but the tombstone.
    /// </summary>
    /// <param name="now">The time of the change.</param>
    /// <param name="remember">Is told the answer, and answers the request to remember; null for none.</param>
    public Decision Revive(DateTimeOffset now, Func<ReviveResult, RememberedRequest?> remember)
    {
        if (_committed is not { Head: { DeletedAt: not null } tombstone })
        {
            return new Decision(Verdict.Reread);
        }

        if (NewestPending is { } pending)
        {
            return Decision.WaitFor(pending);
        }

        var after = NextPosition(new HeadRead(tombstone.Revived(now.ToMicroseconds()), default, default));
        (after, var happened) = Link(SessionEventKind.Revived, 0, after, now, new EventDetail());
        return Accept(new PendingChange
        {
            After = after,
            Changes =
            [
                new Revived(),
                new Logged(happened),
                .. Remember(remember(new ReviveResult(after.Head.Incarnation, after.Head.LastSequence, AnchorOf(happened)))),
            ],
        });
    }
}
