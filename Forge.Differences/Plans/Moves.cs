using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>Finds values that were removed from one place of the documents and added, the same, at another.</summary>
internal sealed class Moves
{
    /// <summary>A shorter text is as well added anew, and is often the same only by chance.</summary>
    private const int Shortest = 32;

    /// <summary>So many values with one hash are looked at.</summary>
    private const int Candidates = 4;

    private const int None = -1;

    private readonly Budget _budget;
    private readonly List<Edit> _removed = [];
    private readonly List<Edit> _added = [];

    private Moves(Budget budget) => _budget = budget;

    /// <summary>True if a value is long enough to be moved.</summary>
    public static bool IsWorthIt(JsonPart value) => value.CompactLength >= Shortest;

    /// <summary>Links removals with additions, where an array has not done so itself.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Link(Edit root, Budget budget)
    {
        var moves = new Moves(budget);
        moves.Collect(root);
        if (moves._removed.Count > 0 && moves._added.Count > 0)
        {
            moves.Link();
        }
    }

    /// <summary>Finds the edits that have no partner yet, in the order of the documents.</summary>
    private void Collect(Edit edit)
    {
        _budget.Note();
        if (edit.Inside is { } plan)
        {
            foreach (var inside in plan.Edits)
            {
                Collect(inside);
            }
        }
        else if (edit.Kind == EditKind.Remove && edit.Partner is null && IsWorthIt(edit.From))
        {
            _removed.Add(edit);
        }
        else if (edit.Kind == EditKind.Add && edit.Partner is null && IsWorthIt(edit.To))
        {
            _added.Add(edit);
        }
    }

    private void Link()
    {
        // By hash the first removal that has no partner, and by removal the next one of its hash.
        var first = new Dictionary<ulong, int>(_removed.Count);
        var next = new int[_removed.Count];
        for (var i = next.Length - 1; i >= 0; i--)
        {
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(first, _removed[i].From.Hash, out var exists);
            (next[i], head) = (exists ? head : None, i);
        }

        foreach (var edit in _added)
        {
            ref var head = ref CollectionsMarshal.GetValueRefOrNullRef(first, edit.To.Hash);
            if (!Unsafe.IsNullRef(ref head))
            {
                Link(edit, ref head, next);
            }
        }
    }

    /// <summary>Links an addition with one of the first removals that have its hash, and takes that out of them.</summary>
    private void Link(Edit added, ref int first, int[] next)
    {
        ref var at = ref first;
        for (var looked = 0; at != None && looked < Candidates; looked++)
        {
            _budget.Note();
            var removed = _removed[at];
            if (JsonPart.AreSame(removed.From, added.To, _budget))
            {
                (added.Partner, removed.Partner) = (removed, added);
                at = next[at];
                return;
            }

            at = ref next[at];
        }
    }
}
