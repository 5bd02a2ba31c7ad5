using Forge.Errors;
using Forge.History.Chain;
using Forge.Integrity;

namespace Forge.Grains.Rules;

/// <summary>What anchors must be that a session is verified against.</summary>
internal static class AnchorRules
{
    /// <summary>How many a verification takes at the most.</summary>
    public const int Most = 1000;

    /// <summary>Checks anchors that a verification is to hold against the chain.</summary>
    /// <exception cref="InvalidRequestException">A position or a value is none.</exception>
    /// <exception cref="OverLimitException">There are too many.</exception>
    public static void Require(IReadOnlyList<Anchor> anchors)
    {
        if (anchors is null)
        {
            throw new InvalidRequestException("anchors", "must be given");
        }

        if (anchors.Count > Most)
        {
            throw new OverLimitException("anchors", Most, anchors.Count, "anchors");
        }

        foreach (var anchor in anchors)
        {
            if (anchor.Position < 1)
            {
                throw new InvalidRequestException("anchors", "must have positions from 1");
            }

            if (anchor.Chain is not { Length: HistoryChain.Length * 2 } || !anchor.Chain.All(char.IsAsciiHexDigit))
            {
                throw new InvalidRequestException("anchors", $"must have chain values of {HistoryChain.Length * 2} hexadecimal digits");
            }
        }
    }
}
