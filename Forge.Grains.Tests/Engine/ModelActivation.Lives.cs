using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Tests.Engine;

/// <summary>How a session is emptied, and how it lives again.</summary>
internal sealed partial class ModelActivation
{
    public void Clear()
    {
        EnterAlone();
        if (!_projected.Exists)
        {
            return;
        }

        var (now, request, authority, count) = (_world.Now, Request(), AnyAuthority(), _projected.Count);
        var last = _projected.LastSequence;
        var accepted = Ask(
            IfDeleted() ?? IfRefused(authority) ?? new Expected(Verdict.Accepted),
            () => _engine.Clear(now, now, answer =>
            {
                Assert.Equal(new ClearResult(count, answer.Anchor), answer);
                Assert.Equal(_projected.LastPosition + 1, answer.Anchor!.Value.Position);
                return request;
            }, authority),
            change => Structural(change, request, state => state.Clear(now)) with
            {
                IsExclusive = true,
                Removes = sequence => sequence <= last,
            });
        Saw(accepted, "clear");
    }

    public void RememberDeletion()
    {
        EnterAlone();
        if (Request() is not { } request)
        {
            return;
        }

        Saw(
            Ask(
                _committed.DeletedAt is null ? new Expected(Verdict.Reread)
                    : _pending.Count > 0 ? ToWaitFor(Newest)
                    : new Expected(Verdict.Accepted),
                () => _engine.RememberDeletion(request),
                change => new Accepted(change, state => Remember(state, request)) { Ids = IdsOf(request), IsStructural = true, IsExclusive = true }),
            "remember a deletion");
    }

    public void Revive()
    {
        EnterAlone();
        var (now, request) = (_world.Now, Request());
        var accepted = Ask(
            _committed.DeletedAt is null ? new Expected(Verdict.Reread)
                : _pending.Count > 0 ? ToWaitFor(Newest)
                : new Expected(Verdict.Accepted),
            () => _engine.Revive(now, answer =>
            {
                Assert.Equal(new ReviveResult(_projected.Life + 1, _projected.LastSequence, answer.Anchor), answer);
                Assert.Equal(_projected.LastPosition + 1, answer.Anchor.Position);
                return request;
            }),
            change => Structural(change, request, state => state.Revive(now)) with { IsExclusive = true });
        Saw(accepted, "revive");
    }
}
