using Forge.Errors;
using Forge.Grains.Usage;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionEngine
{
    /// <summary>Looks if anything at all could be added to the session: what takes long to bring along is refused before it is brought.</summary>
    /// <exception cref="QuotaExceededException">Its tenant has all that it may have.</exception>
    public void RequireGrowth() => _bound?.Require(new Amount(Amount.Of(ProjectedHead).Sessions == 0 ? 1 : 0, 1));

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
