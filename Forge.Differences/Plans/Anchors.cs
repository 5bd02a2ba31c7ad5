using System.Runtime.InteropServices;
using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>
/// Finds, of elements that are too many to be compared each with each, those that have their longest part in common with one other alone: most
/// likely they are the same element before and after.
/// </summary>
internal static class Anchors
{
    /// <summary>So many parts of an element are looked at.</summary>
    private const int Parts = 16;

    private const int None = -1;

    /// <summary>Finds pairs of elements in the order of both, as many as there can be.</summary>
    /// <param name="gone">The elements that went.</param>
    /// <param name="come">The elements that came.</param>
    /// <param name="budget">Told of each part that is looked at.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static List<(int Gone, int Come)> Find(ReadOnlySpan<JsonPart> gone, ReadOnlySpan<JsonPart> come, Budget budget)
    {
        var places = PlacesOf(come, budget);
        var pairs = new List<(int Gone, int Come)>();
        foreach (var (key, place) in PlacesOf(gone, budget))
        {
            if (place != None && places.TryGetValue(key, out var other) && other != None)
            {
                pairs.Add((place, other));
            }
        }

        pairs.Sort();
        return Ascending(pairs, budget);
    }

    /// <summary>By the hash of its longest part, the place of an element; none if several have it.</summary>
    private static Dictionary<ulong, int> PlacesOf(ReadOnlySpan<JsonPart> elements, Budget budget)
    {
        var places = new Dictionary<ulong, int>();
        for (var i = 0; i < elements.Length; i++)
        {
            if (LongestPartOf(elements[i], budget) is { } key)
            {
                ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, key, out var exists);
                place = exists ? None : i;
            }
        }

        return places;
    }

    private static ulong? LongestPartOf(JsonPart element, Budget budget)
    {
        var (hash, longest, count) = (default(ulong?), 0, 0);
        foreach (var part in element)
        {
            budget.Note();
            if (count++ == Parts)
            {
                break;
            }

            if (Moves.IsWorthIt(part) && part.CompactLength > longest)
            {
                (hash, longest) = (part.Hash, part.CompactLength);
            }
        }

        return hash;
    }

    /// <summary>The longest run of pairs, which are in the order of the one, that is in the order of the other too.</summary>
    private static List<(int Gone, int Come)> Ascending(List<(int Gone, int Come)> pairs, Budget budget)
    {
        // By length of a run, less one, the pair that ends such a run and lies furthest in front; and by pair the one before it in its run.
        var (ends, before) = (new List<int>(), new int[pairs.Count]);
        for (var i = 0; i < pairs.Count; i++)
        {
            budget.Note();
            var (low, high) = (0, ends.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = pairs[ends[middle]].Come < pairs[i].Come ? (middle + 1, high) : (low, middle);
            }

            before[i] = low == 0 ? None : ends[low - 1];
            if (low == ends.Count)
            {
                ends.Add(i);
            }
            else
            {
                ends[low] = i;
            }
        }

        var run = new List<(int, int)>();
        for (var i = ends.Count == 0 ? None : ends[^1]; i != None; i = before[i])
        {
            run.Add(pairs[i]);
        }

        run.Reverse();
        return run;
    }
}
