using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Grains.Rules;

/// <summary>What is asked of a page, whatever it lists.</summary>
internal static class PageRules
{
    /// <exception cref="InvalidRequestException">It is less than 1.</exception>
    /// <exception cref="OverLimitException">It is more than a page may have.</exception>
    public static void Require(int limit, int most)
    {
        if (limit < 1)
        {
            throw new InvalidRequestException("limit", "must be at least 1");
        }

        if (limit > most)
        {
            throw new OverLimitException("limit", most, limit, "items");
        }
    }

    /// <exception cref="InvalidRequestException">There is no such order.</exception>
    public static void Require(ListOrder order)
    {
        if (!Enum.IsDefined(order))
        {
            throw new InvalidRequestException("order", "must be newest or oldest");
        }
    }
}
