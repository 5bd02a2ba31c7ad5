using Forge.Errors;
using Forge.Grains.Usage;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>
    /// Looks if the session could be made, if it has no head: what takes long to bring along is refused before it is brought. What it brings is
    /// not known yet, and may be there already.
    /// </summary>
    /// <exception cref="QuotaExceededException">Its tenant has all the sessions that it may have.</exception>
    public void RequireGrowth()
    {
        if (IsNew)
        {
            _bound?.Require(new Amount(1, 0));
        }
    }

    /// <summary>Counts what a change adds to what its tenant has, whatever kind of change it is.</summary>
    /// <exception cref="QuotaExceededException">That would be more than it may have; the engine is as it was.</exception>
    private void Bound(PendingChange change)
    {
        if (_bound is null)
        {
            return;
        }

        var growth = Amount.Of(change.After.Head) - Amount.Of(ProjectedHead);
        try
        {
            _bound.Take(growth);
        }
        catch (QuotaExceededException) when (!HasPending)
        {
            // A key that the change would have brought along is not the session's.
            _key = _committed?.Head.Key ?? 0;
            throw;
        }

        change.Growth = growth;
    }
}
