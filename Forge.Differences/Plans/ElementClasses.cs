using System.Runtime.InteropServices;
using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>Numbers for the elements of two arrays: the same number for those that are the same.</summary>
internal sealed class ElementClasses
{
    /// <summary>The number of an element of the second array that the first does not have.</summary>
    public const int None = -1;

    /// <summary>The first class of a hash; the others of it follow by <see cref="_next"/>.</summary>
    private readonly Dictionary<ulong, int> _byHash = [];
    private readonly List<JsonPart> _members = [];
    private readonly List<int> _next = [];
    private readonly Budget _budget;

    public ElementClasses(ReadOnlySpan<JsonPart> from, ReadOnlySpan<JsonPart> to, Budget budget)
    {
        _budget = budget;
        (From, To) = (new int[from.Length], new int[to.Length]);
        for (var i = 0; i < from.Length; i++)
        {
            From[i] = NumberOf(from[i]);
        }

        IsShared = new bool[_members.Count];
        for (var i = 0; i < to.Length; i++)
        {
            To[i] = _byHash.TryGetValue(to[i].Hash, out var first) ? Find(to[i], first) : None;
            if (To[i] != None)
            {
                IsShared[To[i]] = true;
            }
        }
    }

    public int[] From { get; }

    public int[] To { get; }

    /// <summary>By number: true if both arrays have such elements.</summary>
    public bool[] IsShared { get; }

    public int Count => _members.Count;

    private int NumberOf(JsonPart element)
    {
        ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_byHash, element.Hash, out var exists);
        if (exists && Find(element, first) is not None and var found)
        {
            return found;
        }

        _members.Add(element);
        _next.Add(exists ? first : None);
        return first = _members.Count - 1;
    }

    private int Find(JsonPart element, int first)
    {
        for (var number = first; number != None; number = _next[number])
        {
            _budget.Note();
            if (JsonPart.AreSame(_members[number], element, _budget))
            {
                return number;
            }
        }

        return None;
    }
}
