using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Grains.Rules;

/// <summary>Checks what a create requires.</summary>
internal static class RequiredRules
{
    /// <summary>The references without repeats; null if there are none.</summary>
    /// <exception cref="InvalidRequestException">One names a checkpoint neither by its id nor by its sequence.</exception>
    /// <exception cref="OverLimitException">There are too many.</exception>
    public static IReadOnlyList<RequiredReference>? Check(IReadOnlyList<CheckpointReference>? requires, int limit)
    {
        if (requires is null or [])
        {
            return null;
        }

        var named = new HashSet<CheckpointReference>();
        foreach (var reference in requires)
        {
            if (reference.IsLatest || reference.IsCurrent || reference.IsNone)
            {
                // What moves on would leave it to chance what stays.
                throw new InvalidRequestException("requires", "must name each checkpoint by its id or its sequence number");
            }

            named.Add(reference);
        }

        return named.Count <= limit
            ? [.. named.Select(reference => new RequiredReference(reference))]
            : throw new OverLimitException("requires", limit, named.Count, "checkpoints");
    }
}
