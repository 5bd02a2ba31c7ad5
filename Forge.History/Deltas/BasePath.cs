using Forge.History.Rows;

namespace Forge.History.Deltas;

/// <summary>The rows that a state is decoded on.</summary>
internal static class BasePath
{
    /// <summary>
    /// Follows the bases of a row to a full copy, and answers what it found in the order of decoding: the full copy first, the
    /// row's own base last. Ends early, with what there is, if a base is missing or does not come before; whoever decodes
    /// says so.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="find">Answers the row of a sequence; null if there is none.</param>
    public static IReadOnlyList<EncodedState> Follow(StoredCheckpoint row, Func<long, EncodedState?> find)
    {
        if (row.Base is null)
        {
            return [];
        }

        var path = new List<EncodedState>();
        for (var (sequence, next) = (row.Sequence, row.Base); next is { } known && known < sequence;)
        {
            if (find(known) is not { } found)
            {
                break;
            }

            path.Add(found);
            (sequence, next) = (found.Sequence, found.Base);
        }

        if (path.Count == 0)
        {
            return [];
        }

        path.Reverse();
        return path;
    }
}
