using System.Runtime.InteropServices;
using Forge.History.Rows;

namespace Forge.History.Changes;

/// <summary>Makes one list of changes of several.</summary>
internal static class ChangeList
{
    /// <summary>
    /// The changes of one part in which pending writes may have come more than once: of several with one key the last one stands, for a
    /// statement that puts a row does so once.
    /// </summary>
    public static List<SessionChange> WithLastWrites(List<SessionChange> changes)
    {
        var (last, kept) = (new HashSet<(long, WriteKey)>(), new List<SessionChange>(changes.Count));
        for (var i = changes.Count - 1; i >= 0; i--)
        {
            if (changes[i] is not Wrote { Row: var row } || last.Add((row.Sequence, row.Key)))
            {
                kept.Add(changes[i]);
            }
        }

        kept.Reverse();
        return kept;
    }

    /// <summary>
    /// The changes of several parts, one after another. Of several moves of one branch the last one stands. Of several changes of one
    /// checkpoint's tags the last one stands, also if the checkpoint is removed behind it: its row may stay for others, with the tags that
    /// its log tells. Of several pending writes with one key the last one stands. Of the labels the last ones stand. Of work of one kind that stands which is due the earliest. The list of one
    /// part alone is answered with as it is.
    /// </summary>
    public static IReadOnlyList<SessionChange> Join<T>(List<T> parts, Func<T, IReadOnlyList<SessionChange>> of)
    {
        if (parts.Count == 1)
        {
            return of(parts[0]);
        }

        var joined = new List<SessionChange>(parts.Count);
        Dictionary<long, int>? tags = null;
        Dictionary<string, int>? branches = null;
        Dictionary<(long, WriteKey), int>? writes = null;
        var (kinds, labels) = (0, -1);
        foreach (var part in parts)
        {
            var list = of(part);
            for (var i = 0; i < list.Count; i++)
            {
                switch (list[i])
                {
                    case Tagged tagged:
                        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(tags ??= [], tagged.Sequence, out var isThere);
                        if (isThere)
                        {
                            joined[place] = tagged;
                            continue;
                        }

                        place = joined.Count;
                        break;
                    case Wrote { Row: var row } wrote:
                        ref var put = ref CollectionsMarshal.GetValueRefOrAddDefault(writes ??= [], (row.Sequence, row.Key), out var isPut);
                        if (isPut)
                        {
                            joined[put] = wrote;
                            continue;
                        }

                        put = joined.Count;
                        break;
                    case BranchMoved { Branch.Branch: var branch } moved:
                        ref var stands = ref CollectionsMarshal.GetValueRefOrAddDefault(
                            branches ??= new(StringComparer.Ordinal), branch, out var isMoved);
                        if (isMoved)
                        {
                            joined[stands] = moved;
                            continue;
                        }

                        stands = joined.Count;
                        break;
                    case Labelled when labels >= 0:
                        joined[labels] = list[i];
                        continue;
                    case Labelled:
                        labels = joined.Count;
                        break;
                    case Due due when (kinds & (1 << (int)due.Kind)) != 0:
                        KeepEarlier(joined, due);
                        continue;
                    case Due due:
                        kinds |= 1 << (int)due.Kind;
                        break;
                }

                joined.Add(list[i]);
            }
        }

        return joined;
    }

    /// <summary>Puts a piece of work in the place of the one of its kind that is there, if it is the earlier one.</summary>
    private static void KeepEarlier(List<SessionChange> joined, Due due)
    {
        for (var i = 0; i < joined.Count; i++)
        {
            if (joined[i] is Due other && other.Kind == due.Kind)
            {
                joined[i] = due.At < other.At ? due : other;
                return;
            }
        }
    }
}
