using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>Finds out which of the elements that went and came at one place are the same element before and after.</summary>
/// <param name="from">The elements of the first document's array.</param>
/// <param name="to">The elements of the second document's array.</param>
/// <param name="budget">The steps that it may take.</param>
internal sealed class Likeness(ArraySegment<JsonPart> from, ArraySegment<JsonPart> to, Budget budget)
{
    /// <summary>Up to so many pairs each is looked at; more are parted by <see cref="Anchors"/> first.</summary>
    private const int Pairs = 16 * 1024;

    /// <summary>What looking at one pair takes at least.</summary>
    private const int StepsOfPair = 8;

    /// <summary>So many members or elements of a value are looked at.</summary>
    private const int Parts = 16;

    /// <summary>So many bytes at either end of a text are looked at.</summary>
    private const int Ends = 1024;

    /// <summary>So many bytes are looked at in one step.</summary>
    private const int BytesOfStep = 8;

    /// <summary>The steps that a pair took beyond the least.</summary>
    private long _steps;

    /// <summary>True if a bound was met, and so the first were paired with the first.</summary>
    public bool IsCoarse { get; private set; }

    /// <summary>Pairs as many as there can be, in the order of both, so that as much as possible is alike.</summary>
    /// <param name="gone">The places of those that went.</param>
    /// <param name="come">The places of those that came.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public List<(int From, int To)> Pair(List<int> gone, List<int> come)
    {
        if ((long)gone.Count * come.Count <= Pairs)
        {
            return PairFew(gone, come);
        }

        var pairs = new List<(int, int)>();
        var (i, j) = (0, 0);
        foreach (var (goneAnchor, comeAnchor) in Anchors.Find(PartsOf(from, gone), PartsOf(to, come), budget))
        {
            pairs.AddRange(PairFew(gone[i..goneAnchor], come[j..comeAnchor]));
            pairs.Add((gone[goneAnchor], come[comeAnchor]));
            (i, j) = (goneAnchor + 1, comeAnchor + 1);
        }

        pairs.AddRange(PairFew(gone[i..], come[j..]));
        return pairs;
    }

    private static JsonPart[] PartsOf(ArraySegment<JsonPart> elements, List<int> places) => [.. places.Select(place => elements[place])];

    private List<(int From, int To)> PairFew(List<int> gone, List<int> come)
    {
        var pairs = (long)gone.Count * come.Count;
        if (pairs <= 1)
        {
            return pairs == 0 ? [] : [(gone[0], come[0])];
        }

        if (pairs <= Pairs && budget.TryTakeAll(pairs * StepsOfPair) && Best(gone, come) is { } best)
        {
            return best;
        }

        IsCoarse = true;
        return [.. gone.Zip(come)];
    }

    /// <summary>The best pairs; null if it takes more steps than there are to look at all.</summary>
    private List<(int From, int To)>? Best(List<int> gone, List<int> come)
    {
        var alike = new long[gone.Count, come.Count];
        var best = new long[gone.Count + 1, come.Count + 1];
        var (goneLooks, comeLooks) = (LooksOf(from, gone), LooksOf(to, come));
        for (var i = gone.Count - 1; i >= 0; i--)
        {
            for (var j = come.Count - 1; j >= 0; j--)
            {
                alike[i, j] = 1 + Of(goneLooks[i], comeLooks[j]);
                best[i, j] = Math.Max(alike[i, j] + best[i + 1, j + 1], Math.Max(best[i + 1, j], best[i, j + 1]));
                if (!budget.TryTake(_steps))
                {
                    return null;
                }

                _steps = 0;
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

    private Look[] LooksOf(ArraySegment<JsonPart> elements, List<int> places) => [.. places.Select(place => LookOf(elements[place]))];

    private Look LookOf(JsonPart element)
    {
        if (element.Kind != ValueKind.Object)
        {
            return new Look(element, [], []);
        }

        var (names, members) = (new List<ulong>(), new List<JsonPart>());
        foreach (var member in element)
        {
            if (members.Count == Parts)
            {
                break;
            }

            budget.Note(1 + (member.NameLength / BytesOfStep));
            names.Add(TextHash.OfEscaped(member.Name));
            members.Add(member);
        }

        return new Look(element, [.. names], [.. members]);
    }

    /// <summary>About how many bytes two values that differ have in common where it shows.</summary>
    private long Of(Look from, Look to) => from.Value.Kind != to.Value.Kind ? 0 : from.Value.Kind switch
    {
        ValueKind.String => OfTexts(from.Value.Text, to.Value.Text),
        ValueKind.Array => OfElements(from.Value, to.Value),
        ValueKind.Object => OfMembers(from, to),
        _ => 0,
    };

    private long OfParts(JsonPart from, JsonPart to) => from.Hash == to.Hash ? from.CompactLength
        : from.Kind == ValueKind.String && to.Kind == ValueKind.String ? OfTexts(from.Text, to.Text)
        : 0;

    private long OfElements(JsonPart from, JsonPart to)
    {
        var (common, count) = (0L, 0);
        var others = to.GetEnumerator();
        foreach (var element in from)
        {
            if (count++ == Parts || !others.MoveNext())
            {
                break;
            }

            _steps++;
            common += OfParts(element, others.Current);
        }

        return common;
    }

    private long OfMembers(Look from, Look to)
    {
        var common = 0L;
        for (var i = 0; i < from.Names.Length; i++)
        {
            _steps++;
            var place = to.Names.AsSpan().IndexOf(from.Names[i]);
            if (place >= 0 && AreSameNames(from.Members[i], to.Members[place]))
            {
                common += from.Members[i].NameLength + OfParts(from.Members[i], to.Members[place]);
            }
        }

        return common;
    }

    private bool AreSameNames(JsonPart from, JsonPart to)
    {
        _steps += from.NameLength / BytesOfStep;
        return JsonText.AreSame(from.Name, to.Name);
    }

    private int OfTexts(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var before = from[..Math.Min(from.Length, Ends)].CommonPrefixLength(to);
        var (most, after) = (Math.Min(Math.Min(from.Length, to.Length) - before, Ends), 0);
        while (after < most && from[^(after + 1)] == to[^(after + 1)])
        {
            after++;
        }

        _steps += (before + after) / BytesOfStep;
        return before + after;
    }

    /// <summary>What is looked at of an element: of an object, its first members and the hashes of their names.</summary>
    private readonly record struct Look(JsonPart Value, ulong[] Names, JsonPart[] Members);
}
