namespace Forge.Differences.Sequences;

/// <summary>
/// Finds the fewest insertions and removals that make one sequence of another, in space that grows with their lengths and time that grows
/// with their lengths times what differs.
/// </summary>
/// <remarks>
/// The algorithm is that of E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986), with the linear space
/// refinement of its section 4b: from both ends at once, the furthest points are found that a number of edits can reach, until they meet;
/// what lies before and behind the place is a problem of half the edits each.
/// </remarks>
internal ref struct SequenceDifference
{
    /// <summary>A place that cannot be reached.</summary>
    private const int Unreachable = -1;

    private readonly ReadOnlySpan<int> _from;
    private readonly ReadOnlySpan<int> _to;
    private readonly Span<bool> _removed;
    private readonly Span<bool> _added;
    private readonly Budget _budget;

    /// <summary>The furthest place on each diagonal, seen from the beginning and from the end; diagonal 0 lies at the longest to.</summary>
    private readonly Span<int> _forward;
    private readonly Span<int> _backward;
    private readonly int _zero;

    private SequenceDifference(ReadOnlySpan<int> from, ReadOnlySpan<int> to, Span<bool> removed, Span<bool> added, Budget budget)
    {
        _from = from;
        _to = to;
        _removed = removed;
        _added = added;
        _budget = budget;
        _zero = to.Length + 1;
        _forward = new int[from.Length + to.Length + 3];
        _backward = new int[from.Length + to.Length + 3];
    }

    /// <summary>Compares two sequences.</summary>
    /// <param name="from">The one.</param>
    /// <param name="to">The other.</param>
    /// <param name="removed">Set where an element of the one is not in the other.</param>
    /// <param name="added">Set where an element of the other is not in the one.</param>
    /// <param name="budget">The steps that it may take.</param>
    /// <returns>False if it has not come to an end within the budget.</returns>
    public static bool TryFind(ReadOnlySpan<int> from, ReadOnlySpan<int> to, Span<bool> removed, Span<bool> added, Budget budget) =>
        new SequenceDifference(from, to, removed, added, budget).TryFind(0, from.Length, 0, to.Length);

    private readonly bool TryFind(int fromStart, int fromEnd, int toStart, int toEnd)
    {
        var same = _from[fromStart..fromEnd].CommonPrefixLength(_to[toStart..toEnd]);
        (fromStart, toStart) = (fromStart + same, toStart + same);
        while (fromStart < fromEnd && toStart < toEnd && _from[fromEnd - 1] == _to[toEnd - 1])
        {
            (fromEnd, toEnd, same) = (fromEnd - 1, toEnd - 1, same + 1);
        }

        if (!_budget.TryTake(same))
        {
            return false;
        }

        if (fromStart == fromEnd || toStart == toEnd)
        {
            _removed[fromStart..fromEnd].Fill(true);
            _added[toStart..toEnd].Fill(true);
            return true;
        }

        // Both halves have an edit at least, since neither end is the same; so each is smaller than the whole.
        return TrySplit(fromStart, fromEnd, toStart, toEnd, out var fromSplit, out var toSplit)
            && TryFind(fromStart, fromSplit, toStart, toSplit)
            && TryFind(fromSplit, fromEnd, toSplit, toEnd);
    }

    /// <summary>Finds a place that the shortest way goes through, with half of its edits on either side.</summary>
    private readonly bool TrySplit(int fromStart, int fromEnd, int toStart, int toEnd, out int fromSplit, out int toSplit)
    {
        var from = _from[fromStart..fromEnd];
        var to = _to[toStart..toEnd];
        var delta = from.Length - to.Length;
        (fromSplit, toSplit) = (0, 0);
        for (var edits = 0; ; edits++)
        {
            var (first, last) = (LowestDiagonal(edits, to.Length), HighestDiagonal(edits, from.Length));
            long steps = 2L * (last - first + 2);
            for (var diagonal = first; diagonal <= last; diagonal += 2)
            {
                var start = Next(_forward, diagonal, edits, from.Length, to.Length);
                var at = start;
                if (at != Unreachable)
                {
                    at += from[at..].CommonPrefixLength(to[(at - diagonal)..]);
                    steps += at - start;
                }

                _forward[_zero + diagonal] = at;
                var other = delta - diagonal;
                if (at != Unreachable && (delta & 1) != 0 && Math.Abs(other) < edits && Meets(_backward, other, at, from.Length))
                {
                    (fromSplit, toSplit) = (fromStart + at, toStart + at - diagonal);
                    return true;
                }
            }

            for (var diagonal = first; diagonal <= last; diagonal += 2)
            {
                var start = Next(_backward, diagonal, edits, from.Length, to.Length);
                var at = start;
                while (at != Unreachable && at < from.Length && at - diagonal < to.Length && from[^(at + 1)] == to[^(at - diagonal + 1)])
                {
                    at++;
                }

                steps += at - start;
                _backward[_zero + diagonal] = at;
                var other = delta - diagonal;
                if (at != Unreachable && (delta & 1) == 0 && Math.Abs(other) <= edits && Meets(_forward, other, at, from.Length))
                {
                    (fromSplit, toSplit) = (fromEnd - at, toEnd - at + diagonal);
                    return true;
                }
            }

            if (!_budget.TryTake(steps))
            {
                return false;
            }
        }
    }

    /// <summary>The furthest place on a diagonal with one more edit than is known.</summary>
    private readonly int Next(Span<int> furthest, int diagonal, int edits, int from, int to)
    {
        if (edits == 0)
        {
            return 0;
        }

        var before = edits - 1;
        var removed = diagonal - 1 >= Math.Max(-before, -to) && furthest[_zero + diagonal - 1] is not Unreachable and var left && left < from
            ? left + 1
            : Unreachable;
        var added = diagonal + 1 <= Math.Min(before, from) && furthest[_zero + diagonal + 1] is not Unreachable and var above
            && above - diagonal <= to
            ? above
            : Unreachable;
        return Math.Max(removed, added);
    }

    private readonly bool Meets(Span<int> other, int diagonal, int at, int from) =>
        other[_zero + diagonal] is not Unreachable and var reached && at + reached >= from;

    private static int LowestDiagonal(int edits, int to) => edits <= to ? -edits : -to + ((edits - to) & 1);

    private static int HighestDiagonal(int edits, int from) => edits <= from ? edits : from - ((edits - from) & 1);
}
