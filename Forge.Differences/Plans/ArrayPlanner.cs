using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>
/// Finds out which elements of an array were removed, added, moved and changed: first those at both ends that stay, then, of what is
/// between, those that stay there, and between these what looks alike.
/// </summary>
internal sealed class ArrayPlanner
{
    private const int None = -1;

    private readonly DifferencePlanner _planner;
    private readonly Budget _budget;
    private readonly ContainerPlan _plan;
    private readonly int _level;
    private readonly ArraySegment<JsonPart> _from;
    private readonly ArraySegment<JsonPart> _to;

    /// <summary>How many elements before those that are looked at are the same.</summary>
    private readonly int _before;
    private readonly bool[] _removed;
    private readonly bool[] _added;

    /// <summary>Of a removed element the place that it moves to, and of an added one where it comes from.</summary>
    private readonly int[] _movesTo;
    private readonly int[] _comesFrom;
    private readonly Dictionary<int, Edit> _moves = [];

    public ArrayPlanner(DifferencePlanner planner, Budget budget, ContainerPlan plan, int level)
    {
        (_planner, _budget, _plan, _level) = (planner, budget, plan, level);
        var (from, to) = (plan.Place.From.ToArray(), plan.Place.To.ToArray());
        budget.Note(from.Length + to.Length);
        var shorter = Math.Min(from.Length, to.Length);
        while (_before < shorter && JsonPart.AreSame(from[_before], to[_before], budget))
        {
            _before++;
        }

        var after = 0;
        while (after < shorter - _before && JsonPart.AreSame(from[^(after + 1)], to[^(after + 1)], budget))
        {
            after++;
        }

        _from = new(from, _before, from.Length - _before - after);
        _to = new(to, _before, to.Length - _before - after);
        (_removed, _added) = (new bool[_from.Count], new bool[_to.Count]);
        (_movesTo, _comesFrom) = (new int[_from.Count], new int[_to.Count]);
    }

    /// <summary>Plans the edits; false if that takes more than the budget has.</summary>
    public bool TryPlan()
    {
        _movesTo.AsSpan().Fill(None);
        _comesFrom.AsSpan().Fill(None);
        if (_from.Count == 0 || _to.Count == 0)
        {
            _removed.AsSpan().Fill(true);
            _added.AsSpan().Fill(true);
        }
        else if (!TryCompare())
        {
            return false;
        }

        PlanEdits();
        return true;
    }

    private bool TryCompare()
    {
        var classes = new ElementClasses(_from, _to, _budget);

        // What only one of them has cannot stay, so that the rest alone has to be compared.
        var from = SharedOf(classes, classes.From, _removed);
        var to = SharedOf(classes, classes.To, _added);
        var (removed, added) = (new bool[from.Length], new bool[to.Length]);
        if (!SequenceDifference.TryFind(NumbersOf(classes.From, from), NumbersOf(classes.To, to), removed, added, _budget))
        {
            return false;
        }

        for (var i = 0; i < from.Length; i++)
        {
            _removed[from[i]] = removed[i];
        }

        for (var i = 0; i < to.Length; i++)
        {
            _added[to[i]] = added[i];
        }

        FindMoves(classes);
        return true;
    }

    /// <summary>The places of the elements that both have; notes that the others go or come.</summary>
    private static int[] SharedOf(ElementClasses classes, int[] numbers, bool[] edited)
    {
        var shared = new List<int>();
        for (var i = 0; i < numbers.Length; i++)
        {
            if (numbers[i] != ElementClasses.None && classes.IsShared[numbers[i]])
            {
                shared.Add(i);
            }
            else
            {
                edited[i] = true;
            }
        }

        return [.. shared];
    }

    private static int[] NumbersOf(int[] numbers, int[] places) => Array.ConvertAll(places, place => numbers[place]);

    /// <summary>Pairs what was removed with what was added elsewhere in the array and is the same, in the order of both.</summary>
    private void FindMoves(ElementClasses classes)
    {
        var (first, last) = (new int[classes.Count], new int[classes.Count]);
        var next = new int[_from.Count];
        Array.Fill(first, None);
        for (var i = 0; i < _from.Count; i++)
        {
            if (_removed[i] && classes.IsShared[classes.From[i]] && Moves.IsWorthIt(_from[i]))
            {
                var number = classes.From[i];
                next[i] = None;
                if (first[number] == None)
                {
                    first[number] = i;
                }
                else
                {
                    next[last[number]] = i;
                }

                last[number] = i;
            }
        }

        for (var j = 0; j < _to.Count; j++)
        {
            if (_added[j] && classes.To[j] is not ElementClasses.None and var number && first[number] is not None and var i)
            {
                (_movesTo[i], _comesFrom[j]) = (j, i);
                first[number] = next[i];
            }
        }
    }

    private void PlanEdits()
    {
        var (i, j) = (0, 0);
        while (i < _from.Count || j < _to.Count)
        {
            var (fromStart, toStart) = (i, j);
            while (i < _from.Count && _removed[i])
            {
                i++;
            }

            while (j < _to.Count && _added[j])
            {
                j++;
            }

            PlanGap(fromStart, i, toStart, j);

            // What follows in both stays.
            while (i < _from.Count && j < _to.Count && !_removed[i] && !_added[j])
            {
                (i, j) = (i + 1, j + 1);
            }
        }
    }

    /// <summary>Plans what becomes of elements between two that stay.</summary>
    private void PlanGap(int i, int fromEnd, int j, int toEnd)
    {
        var gone = PlacesOf(i, fromEnd, _movesTo);
        var come = PlacesOf(j, toEnd, _comesFrom);
        var likeness = new Likeness(_from, _to, _budget);
        foreach (var (removed, added) in likeness.Pair(gone, come))
        {
            PlanSingles(ref i, removed, ref j, added);
            var edit = new Edit(_plan) { From = _from[i], To = _to[j], FromIndex = _before + i, ToIndex = _before + j };
            _planner.Compare(edit, _level + 1);
            _plan.Add(edit);
            (i, j) = (i + 1, j + 1);
        }

        PlanSingles(ref i, fromEnd, ref j, toEnd);
        if (likeness.IsCoarse)
        {
            _planner.NoteBound();
        }
    }

    private void PlanSingles(ref int i, int fromEnd, ref int j, int toEnd)
    {
        for (; i < fromEnd; i++)
        {
            Plan(EditKind.Remove, i, j, _movesTo[i] == None ? None : i);
        }

        for (; j < toEnd; j++)
        {
            Plan(EditKind.Add, i, j, _comesFrom[j]);
        }
    }

    private void Plan(EditKind kind, int i, int j, int move)
    {
        var edit = new Edit(_plan)
        {
            Kind = kind,
            From = kind == EditKind.Remove ? _from[i] : default,
            To = kind == EditKind.Add ? _to[j] : default,
            FromIndex = _before + i,
            ToIndex = _before + j,
        };
        _plan.Add(edit);
        if (move != None && !_moves.TryAdd(move, edit))
        {
            (edit.Partner, _moves[move].Partner) = (_moves[move], edit);
        }
    }

    private static List<int> PlacesOf(int start, int end, int[] moves)
    {
        var places = new List<int>();
        for (var i = start; i < end; i++)
        {
            if (moves[i] == None)
            {
                places.Add(i);
            }
        }

        return places;
    }
}
