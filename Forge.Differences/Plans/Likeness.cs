using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>Finds out which of the elements that went and came at one place are the same element before and after.</summary>
internal static class Likeness
{
    /// <summary>Up to so many pairs each is looked at; of more, the first are paired with the first.</summary>
    private const int Pairs = 16 * 1024;

    /// <summary>What looking at one pair takes.</summary>
    private const int StepsOfPair = 32;

    /// <summary>So many members or elements of a value are looked at.</summary>
    private const int Parts = 16;

    /// <summary>So many bytes at either end of a text are looked at.</summary>
    private const int Ends = 1024;

    /// <summary>Pairs as many as there can be, in the order of both, so that as much as possible is alike.</summary>
    /// <param name="from">The elements of the first document's array.</param>
    /// <param name="gone">The places of those that went.</param>
    /// <param name="to">The elements of the second document's array.</param>
    /// <param name="come">The places of those that came.</param>
    /// <param name="budget">The steps that it may take.</param>
    public static IEnumerable<(int From, int To)> Pair(
        ArraySegment<JsonPart> from, List<int> gone, ArraySegment<JsonPart> to, List<int> come, Budget budget)
    {
        var pairs = (long)gone.Count * come.Count;
        return pairs <= 1 || pairs > Pairs || !budget.TryTakeAll(pairs * StepsOfPair)
            ? gone.Zip(come)
            : Best(from, gone, to, come);
    }

    private static List<(int From, int To)> Best(
        ArraySegment<JsonPart> from, List<int> gone, ArraySegment<JsonPart> to, List<int> come)
    {
        var alike = new long[gone.Count, come.Count];
        var best = new long[gone.Count + 1, come.Count + 1];
        for (var i = gone.Count - 1; i >= 0; i--)
        {
            for (var j = come.Count - 1; j >= 0; j--)
            {
                alike[i, j] = 1 + Of(from[gone[i]], to[come[j]]);
                best[i, j] = Math.Max(alike[i, j] + best[i + 1, j + 1], Math.Max(best[i + 1, j], best[i, j + 1]));
            }
        }

        var pairs = new List<(int, int)>();
        for (var (i, j) = (0, 0); i < gone.Count && j < come.Count;)
        {
            if (best[i, j] == alike[i, j] + best[i + 1, j + 1])
            {
                pairs.Add((gone[i++], come[j++]));
            }
            else if (best[i, j] == best[i + 1, j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return pairs;
    }

    /// <summary>About how many bytes two values that differ have in common where it shows.</summary>
    private static long Of(JsonPart from, JsonPart to) => from.Kind != to.Kind ? 0 : from.Kind switch
    {
        ValueKind.String => OfTexts(from.Text, to.Text),
        ValueKind.Array => OfElements(from, to),
        ValueKind.Object => OfMembers(from, to),
        _ => 0,
    };

    private static long OfParts(JsonPart from, JsonPart to) => from.Hash == to.Hash ? from.Length
        : from.Kind == ValueKind.String && to.Kind == ValueKind.String ? OfTexts(from.Text, to.Text)
        : 0;

    private static long OfElements(JsonPart from, JsonPart to)
    {
        var (common, count) = (0L, 0);
        var others = to.GetEnumerator();
        foreach (var element in from)
        {
            if (count++ == Parts || !others.MoveNext())
            {
                break;
            }

            common += OfParts(element, others.Current);
        }

        return common;
    }

    private static long OfMembers(JsonPart from, JsonPart to)
    {
        var (common, count) = (0L, 0);
        foreach (var member in from)
        {
            if (count++ == Parts)
            {
                break;
            }

            var others = 0;
            foreach (var other in to)
            {
                if (others++ == Parts)
                {
                    break;
                }

                if (member.Name.SequenceEqual(other.Name))
                {
                    common += member.NameLength + OfParts(member, other);
                    break;
                }
            }
        }

        return common;
    }

    private static int OfTexts(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var before = from[..Math.Min(from.Length, Ends)].CommonPrefixLength(to);
        var (most, after) = (Math.Min(Math.Min(from.Length, to.Length) - before, Ends), 0);
        while (after < most && from[^(after + 1)] == to[^(after + 1)])
        {
            after++;
        }

        return before + after;
    }
}
