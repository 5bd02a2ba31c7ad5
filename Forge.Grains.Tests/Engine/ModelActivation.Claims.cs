using Forge.Claims;
using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;

namespace Forge.Grains.Tests.Engine;

internal sealed partial class ModelActivation
{
    /// <summary>Claims the session, by taking over or only if it is free; or renews a claim, or ends it.</summary>
    public void Claim()
    {
        if (_pending.Exists(p => p.IsExclusive))
        {
            return;
        }

        switch (_random.Next(6))
        {
            case < 2:
                Claim(ifFree: _random.Next(2) == 0);
                break;
            case 2:
                Renew();
                break;
            default:
                Release();
                break;
        }
    }

    /// <summary>By what right the next change is made: mostly one that holds.</summary>
    private Authority AnyAuthority() => _random.Next(30) switch
    {
        0 => default,
        1 => Authority.AboveClaims,
        2 => new Authority(_committed.Claim.Epoch),
        3 => new Authority(_projected.Claim.Epoch + _random.Next(-1, 2)),
        _ => Right(_projected.Claim),
    };

    private static Authority Right(ModelClaim claim) => claim.Owner is null ? default : new Authority(claim.Epoch);

    /// <summary>What a change is answered that the claim refuses, or may yet refuse; null if it does not.</summary>
    private Expected? IfRefused(Authority authority)
    {
        if (_projected.Claim.Allows(authority))
        {
            return null;
        }

        // Whichever of the pending changes are committed.
        if (Comings().Any(claim => claim.Allows(authority)))
        {
            _world.Saw("change that a claim may yet refuse");
            return ToWaitFor(Newest);
        }

        return new Expected(authority.Epoch is null ? typeof(SessionClaimedException) : typeof(ClaimSupersededException));
    }

    private IEnumerable<ModelClaim> Comings() => _pending.Select(p => p.ClaimAfter).Prepend(_committed.Claim);

    private void Claim(bool ifFree)
    {
        var (now, request) = (_world.Now, Request());
        var owner = $"w{_random.Next(3)}";
        TimeSpan? lease = _random.Next(2) == 0 ? null : TimeSpan.FromTicks(_random.Next(30_000));
        var work = _random.Next(4) == 0 ? new Due(DueWorkKind.Retain, now) : null;
        var expected = IfDeleted()
            ?? (!ifFree || _projected.Claim.IsFree(now) ? new Expected(Verdict.Accepted)
            : Comings().Any(claim => claim.IsFree(now)) ? ToWaitFor(Newest)
            : new Expected(typeof(SessionClaimedException)));
        var (isNew, takesOver, ranOut) = (!_projected.Exists, _projected.Claim.Owner is not null, _projected.Claim.Until <= now);
        var told = new SessionClaim(_projected.Claim.Epoch + 1, owner, Micro(now + lease));
        var accepted = Ask(
            expected,
            () => _engine.Claim(new ClaimSession(owner, lease, ifFree), now, Told(told, request), work),
            change => Structural(change, request, state =>
            {
                state.ClaimFor(owner, lease, now);
                state.NewWork.UnionWith(work is null ? [] : [work.Kind]);
            }));
        Saw(accepted, "claim");
        Saw(accepted && isNew, "claim of a new session");
        Saw(accepted && takesOver && !ifFree, "claim that takes over");
        Saw(accepted && ranOut && ifFree, "claim of a session whose lease ran out");
    }

    private void Renew()
    {
        var (now, request, authority) = (_world.Now, Request(), EpochToTry());
        var lease = TimeSpan.FromTicks(_random.Next(30_000));
        var told = new SessionClaim(_projected.Claim.Epoch, _projected.Claim.Owner, Micro(now + lease));
        var accepted = Ask(
            IfDeleted() ?? IfRefused(authority) ?? new Expected(Verdict.Accepted),
            () => _engine.Renew(lease, now, Told(told, request), authority),
            change => new Accepted(change, state =>
            {
                state.Renew(lease, now);
                Remember(state, request);
            })
            {
                Ids = IdsOf(request),
                IsStructural = true,
            });
        Saw(accepted, "renewal");
    }

    private void Release()
    {
        var (now, request, authority) = (_world.Now, Request(), EpochToTry());
        var told = new SessionClaim(_projected.Claim.Epoch, null, null);
        var accepted = Ask(
            IfDeleted() ?? IfRefused(authority) ?? new Expected(Verdict.Accepted),
            () => _engine.Release(now, Told(told, request), authority),
            change => Structural(change, request, state => state.Release(now)));
        Saw(accepted, "release");
    }

    /// <summary>An epoch, mostly that of the claim: what ends or renews a claim carries one.</summary>
    private Authority EpochToTry() => new(Math.Max(0, _projected.Claim.Epoch - (_random.Next(5) == 0 ? 1 : 0)));

    private static Func<SessionClaim, RememberedRequest?> Told(SessionClaim expected, RememberedRequest? request) => claim =>
    {
        Assert.Equal(expected, claim);
        return request;
    };

    /// <summary>What is told of a claim is what is committed, or was read.</summary>
    private void CheckTold(ForgeException refusal)
    {
        (long, string?, DateTimeOffset?)? told = refusal switch
        {
            SessionClaimedException e => (e.Epoch, e.Owner, e.Until),
            ClaimSupersededException e => (e.Epoch, e.Owner, e.Until),
            _ => null,
        };
        if (told is not null)
        {
            Assert.Equal((_committed.Claim.Epoch, _committed.Claim.Owner, _committed.Claim.Until), told);
        }
    }

    private static DateTimeOffset? Micro(DateTimeOffset? time) => ModelState.Micro(time);
}
