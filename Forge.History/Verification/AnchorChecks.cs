using Forge.History.Chain;
using Forge.History.Rows;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.History.Verification;

/// <summary>Holds given anchors against the chain as it goes by.</summary>
internal sealed class AnchorChecks(IReadOnlyList<Anchor> anchors)
{
    // One that is never met lies after the end, or where nothing is chained: the chain does not go through it.
    private readonly AnchorOutcome[] _outcomes = [.. anchors.Select(_ => AnchorOutcome.Broken)];

    public IReadOnlyList<AnchorCheck> Result => [.. anchors.Select((anchor, i) => new AnchorCheck(anchor, _outcomes[i]))];

    public void Meet(long position, byte[]? chain)
    {
        for (var i = 0; i < anchors.Count; i++)
        {
            if (anchors[i].Position == position && chain is not null
                && string.Equals(anchors[i].Chain, Convert.ToHexStringLower(chain), StringComparison.OrdinalIgnoreCase))
            {
                _outcomes[i] = AnchorOutcome.Holds;
            }
        }
    }

    public void Meet(RemovedRun run)
    {
        for (var i = 0; i < anchors.Count; i++)
        {
            if (anchors[i].Position >= run.FirstPosition && anchors[i].Position < run.LastPosition)
            {
                _outcomes[i] = AnchorOutcome.Removed;
            }
        }

        Meet(run.LastPosition, run.Chain);
    }
}
