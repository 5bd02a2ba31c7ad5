using Forge.Checkpoints;
using Forge.Claims;
using Forge.Errors;
using Forge.History.Chain;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>
    /// Holds a change against the claim of the session; null if it may be made. Every change is held against it in the turn in which it is
    /// accepted, so that the fence of the head is that of the claim too.
    /// </summary>
    /// <param name="authority">By what right it is made.</param>
    /// <exception cref="SessionClaimedException">It carries no epoch, and somebody has claimed the session.</exception>
    /// <exception cref="ClaimSupersededException">It carries an epoch that is not that of the claim, or nobody has claimed it.</exception>
    public Decision? CheckClaim(Authority authority)
    {
        if (authority.Allows(ProjectedHead))
        {
            return null;
        }

        // A refusal must not rest on a claim or a release that may yet fail.
        if (MayCome(authority.Allows))
        {
            return Decision.WaitFor(NewestPending!);
        }

        var claim = ClaimOf(_committed?.Head);
        throw authority.Epoch is { } given
            ? new ClaimSupersededException(_address, given, claim.Epoch, claim.Owner, claim.Until)
            : new SessionClaimedException(_address, claim.Epoch, claim.Owner!, claim.Until);
    }

    /// <summary>Claims the session for a worker, making the session if it does not exist.</summary>
    /// <param name="claim">Who, for how long, and whether only if it is free.</param>
    /// <param name="now">The time, which leases are counted from and by.</param>
    /// <param name="remember">Is told the claim, and answers the request to remember; null for none.</param>
    /// <param name="work">Work to note with it; null for none.</param>
    /// <exception cref="SessionClaimedException">Only if it is free, and it is not.</exception>
    public Decision Claim(ClaimSession claim, DateTimeOffset now, Func<SessionClaim, RememberedRequest?> remember, Due? work = null)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if (claim.IfFree && !IsFree(ProjectedHead))
        {
            if (MayCome(IsFree))
            {
                return Decision.WaitFor(NewestPending!);
            }

            var held = ClaimOf(_committed?.Head);
            throw new SessionClaimedException(_address, held.Epoch, held.Owner!, held.Until);
        }

        var before = ProjectedOrNew(now);
        var head = before.Head with
        {
            ClaimEpoch = (before.Head.ClaimEpoch ?? 0) + 1,
            ClaimOwner = claim.Owner,
            ClaimUntil = UntilOf(claim.Lease, now),
        };
        return AcceptClaim(SessionEventKind.Claimed, before with { Head = head }, now, ClaimOf(head), remember, work);

        bool IsFree(SessionHead? other) => other?.ClaimOwner is null || other.ClaimUntil <= now;
    }

    /// <summary>Lets the lease of a claim begin anew.</summary>
    /// <param name="lease">How long.</param>
    /// <param name="now">The time that it is counted from.</param>
    /// <param name="remember">Is told the claim, and answers the request to remember; null for none.</param>
    /// <param name="authority">The claim.</param>
    /// <exception cref="ClaimSupersededException">It is over.</exception>
    public Decision Renew(TimeSpan lease, DateTimeOffset now, Func<SessionClaim, RememberedRequest?> remember, Authority authority)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if (CheckClaim(authority) is { } notYet)
        {
            return notYet;
        }

        var head = _projected!.Head with { ClaimUntil = UntilOf(lease, now) };
        return Accept(new PendingChange
        {
            After = _projected with { Head = head },
            Changes = [new Claimed(), .. Remember(remember(ClaimOf(head)))],
        });
    }

    /// <summary>Ends a claim.</summary>
    /// <param name="now">The time of the change.</param>
    /// <param name="remember">Is told what is left of the claim, and answers the request to remember; null for none.</param>
    /// <param name="authority">The claim.</param>
    /// <exception cref="ClaimSupersededException">It is over already.</exception>
    public Decision Release(DateTimeOffset now, Func<SessionClaim, RememberedRequest?> remember, Authority authority)
    {
        RequireAlive();
        if (PendingErasure is { } erasure)
        {
            return Decision.WaitFor(erasure);
        }

        if (CheckClaim(authority) is { } notYet)
        {
            return notYet;
        }

        var before = _projected!;
        var after = before with { Head = before.Head with { ClaimOwner = null, ClaimUntil = null } };
        return AcceptClaim(SessionEventKind.Released, after, now, ClaimOf(before.Head), remember, work: null);
    }

    /// <summary>The claim that a head row tells of; one of epoch 0 if there never was one.</summary>
    public static SessionClaim ClaimOf(SessionHead? head) => new(head?.ClaimEpoch ?? 0, head?.ClaimOwner, head?.ClaimUntil);

    /// <param name="kind">What happens.</param>
    /// <param name="after">What the session is then, but for the event.</param>
    /// <param name="now">When.</param>
    /// <param name="told">The claim that the event tells of.</param>
    /// <param name="remember">Is told the claim as it is then.</param>
    /// <param name="work">Work to note with it.</param>
    private Decision AcceptClaim(
        SessionEventKind kind,
        HeadRead after,
        DateTimeOffset now,
        SessionClaim told,
        Func<SessionClaim, RememberedRequest?> remember,
        Due? work)
    {
        after = after with { Head = after.Head with { LastPosition = after.Head.LastPosition + 1 } };
        (after, var happened) = Link(kind, 0, after, now, new EventDetail
        {
            Epoch = told.Epoch,
            Owner = told.Owner,
            Until = kind == SessionEventKind.Claimed && told.Until is { } until ? MicrosecondsOf(until) : null,
        });
        return Accept(new PendingChange
        {
            After = after,
            Changes = [new Claimed(), new Logged(happened), .. Remember(remember(ClaimOf(after.Head))), .. Note(work)],
            HeadWeight = SessionChange.WeightOf(after.Head.ClaimOwner),
        });
    }

    /// <summary>True if something holds of the session if more or less of what is pending is committed.</summary>
    private bool MayCome(Func<SessionHead?, bool> holds) =>
        holds(_committed?.Head) || _inFlight.Exists(c => holds(c.After.Head)) || _queue.Exists(c => holds(c.After.Head));

    private static DateTimeOffset? UntilOf(TimeSpan? lease, DateTimeOffset now) => lease is { } time ? (now + time).ToMicroseconds() : null;

    private static long MicrosecondsOf(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
