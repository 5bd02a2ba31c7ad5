using System.Text;
using Forge.Differences.Plans;
using Forge.Differences.Sequences;

namespace Forge.Differences.Patches;

/// <summary>Tells of planned edits for people.</summary>
internal sealed class SummaryMaker
{
    private const int PathCharacters = 512;

    private readonly Pointer _from = new(PointerInto.From);
    private readonly Pointer _to = new(PointerInto.To);
    private readonly List<DifferenceEntry> _entries = [];
    private readonly int[] _counts = new int[Enum.GetValues<DifferenceKind>().Length];
    private readonly int _limit;
    private readonly Budget _budget;

    private SummaryMaker(int limit, Budget budget) => (_limit, _budget) = (limit, budget);

    /// <summary>Tells of edits.</summary>
    /// <param name="root">What becomes of the document; null for nothing.</param>
    /// <param name="entries">The most entries.</param>
    /// <param name="budget">Told of each edit.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static DifferenceSummary Make(Edit? root, int entries, Budget budget)
    {
        var maker = new SummaryMaker(entries, budget);
        if (root is not null)
        {
            maker.Add(root);
        }

        var counts = maker._counts;
        return new DifferenceSummary(
            counts[(int)DifferenceKind.Added],
            counts[(int)DifferenceKind.Removed],
            counts[(int)DifferenceKind.Changed],
            counts[(int)DifferenceKind.Moved],
            maker._entries,
            counts.Sum() - maker._entries.Count);
    }

    private void Add(Edit edit)
    {
        _budget.Note();
        switch (edit.Kind)
        {
            case EditKind.Inside:
                foreach (var inside in edit.Inside!.Edits)
                {
                    Add(inside);
                }

                break;
            case EditKind.Replace:
                Add(DifferenceKind.Changed, edit, null, edit.From.Length, edit.To.Length);
                break;
            case EditKind.Add when edit.Partner is { } removed:
                Add(DifferenceKind.Moved, edit, removed, removed.From.Length, edit.To.Length);
                break;
            case EditKind.Add:
                Add(DifferenceKind.Added, edit, null, null, edit.To.Length);
                break;
            case EditKind.Remove when edit.Partner is null:
                Add(DifferenceKind.Removed, edit, null, edit.From.Length, null);
                break;
        }
    }

    private void Add(DifferenceKind kind, Edit edit, Edit? moved, int? fromBytes, int? toBytes)
    {
        _counts[(int)kind]++;
        if (_entries.Count < _limit)
        {
            _entries.Add(new DifferenceEntry(
                kind,
                TextOf((kind == DifferenceKind.Removed ? _from : _to).Of(edit)),
                moved is null ? null : TextOf(_from.Of(moved)),
                fromBytes,
                toBytes));
        }
    }

    private static string TextOf(ReadOnlySpan<byte> pointer)
    {
        var text = Encoding.UTF8.GetString(pointer[..Math.Min(pointer.Length, 4 * PathCharacters)]);
        return text.Length <= PathCharacters ? text
            : text[..(char.IsHighSurrogate(text[PathCharacters - 1]) ? PathCharacters - 1 : PathCharacters)] + '…';
    }
}
