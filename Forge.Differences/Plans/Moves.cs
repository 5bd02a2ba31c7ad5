using Forge.Differences.Trees;

namespace Forge.Differences.Plans;

/// <summary>Finds values that were removed from one place of the documents and added, the same, at another.</summary>
internal static class Moves
{
    /// <summary>A shorter text is as well added anew, and is often the same only by chance.</summary>
    private const int Shortest = 32;

    /// <summary>So many values with one hash are looked at.</summary>
    private const int Candidates = 4;

    /// <summary>True if a value is long enough to be moved.</summary>
    public static bool IsWorthIt(JsonPart value) => value.Length >= Shortest;

    /// <summary>Links removals with additions, where an array has not done so itself.</summary>
    public static void Link(Edit root)
    {
        var removed = new Dictionary<ulong, List<Edit>>();
        foreach (var edit in Single(root, EditKind.Remove))
        {
            if (IsWorthIt(edit.From))
            {
                if (!removed.TryGetValue(edit.From.Hash, out var same))
                {
                    removed[edit.From.Hash] = same = [];
                }

                same.Add(edit);
            }
        }

        if (removed.Count == 0)
        {
            return;
        }

        // The first of them is the last here, so that they are taken in order.
        foreach (var same in removed.Values)
        {
            same.Reverse();
        }

        foreach (var edit in Single(root, EditKind.Add))
        {
            if (removed.TryGetValue(edit.To.Hash, out var same) && Find(edit, same) is { } partner)
            {
                same.Remove(partner);
                (edit.Partner, partner.Partner) = (partner, edit);
            }
        }
    }

    /// <summary>Parts all moves from and to a container that is replaced whole.</summary>
    public static void Unlink(ContainerPlan plan)
    {
        foreach (var edit in plan.Edits)
        {
            if (edit.Partner is { } partner)
            {
                (edit.Partner, partner.Partner) = (null, null);
            }

            if (edit.Inside is { } inside)
            {
                Unlink(inside);
            }
        }
    }

    private static Edit? Find(Edit added, List<Edit> removed)
    {
        for (var i = removed.Count - 1; i >= Math.Max(0, removed.Count - Candidates); i--)
        {
            if (JsonPart.AreSame(removed[i].From, added.To))
            {
                return removed[i];
            }
        }

        return null;
    }

    /// <summary>The edits of a kind that have no partner yet, in the order of the documents.</summary>
    private static IEnumerable<Edit> Single(Edit edit, EditKind kind)
    {
        if (edit.Inside is { } plan)
        {
            foreach (var inside in plan.Edits.SelectMany(inner => Single(inner, kind)))
            {
                yield return inside;
            }
        }
        else if (edit.Kind == kind && edit.Partner is null)
        {
            yield return edit;
        }
    }
}
