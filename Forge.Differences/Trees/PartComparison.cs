using Forge.Differences.Sequences;

namespace Forge.Differences.Trees;

/// <summary>
/// Finds out whether two values are the same. Their texts are compared once, and if they are not the same, each value that is inside once: what
/// it takes grows with the texts, however deep they are nested, and takes no stack.
/// </summary>
internal sealed class PartComparison
{
    /// <summary>So many bytes are compared in one step.</summary>
    private const int BytesOfStep = 64;

    /// <summary>Containers of one hash, the insides of which have not been looked at.</summary>
    private readonly Stack<(JsonPart Left, JsonPart Right)> _open = new();
    private readonly Budget _budget;

    private PartComparison(Budget budget) => _budget = budget;

    /// <summary>True if two values are the same. Hashes are compared first, and are not relied on.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static bool AreSame(JsonPart left, JsonPart right, Budget budget)
    {
        if (left.Hash != right.Hash || left.Kind != right.Kind)
        {
            return false;
        }

        NoteTexts(left, right, budget);
        return left.Text.SequenceEqual(right.Text)
            || (left.Kind is ValueKind.Object or ValueKind.Array ? new PartComparison(budget).AreSameInside(left, right) : AreSameTexts(left, right));
    }

    private static void NoteTexts(JsonPart left, JsonPart right, Budget budget) =>
        budget.Note(1 + (Math.Min(left.Length, right.Length) / BytesOfStep));

    private static bool AreSameTexts(JsonPart left, JsonPart right) =>
        left.Kind == ValueKind.String && JsonText.AreSame(left.Text[1..^1], right.Text[1..^1]);

    private bool AreSameInside(JsonPart left, JsonPart right)
    {
        _open.Push((left, right));
        while (_open.TryPop(out var pair))
        {
            var isSame = pair.Left.Kind == ValueKind.Array || HaveSameNames(pair.Left, pair.Right)
                ? AreSameInOrder(pair.Left, pair.Right)
                : AreSameByName(pair.Left, pair.Right);
            if (!isSame)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True if two objects have the same names in the same order.</summary>
    private bool HaveSameNames(JsonPart left, JsonPart right)
    {
        var others = right.GetEnumerator();
        foreach (var part in left)
        {
            _budget.Note();
            if (!others.MoveNext() || !JsonText.AreSame(part.Name, others.Current.Name))
            {
                return false;
            }
        }

        return !others.MoveNext();
    }

    private bool AreSameInOrder(JsonPart left, JsonPart right)
    {
        var others = right.GetEnumerator();
        foreach (var part in left)
        {
            if (!others.MoveNext() || !AreSameOrOpen(part, others.Current))
            {
                return false;
            }
        }

        return !others.MoveNext();
    }

    private bool AreSameByName(JsonPart left, JsonPart right)
    {
        var members = new ObjectMembers(right);
        var count = 0;
        foreach (var part in left)
        {
            count++;
            if (!members.TryFind(part.Name, out var other, out _) || !AreSameOrOpen(part, other))
            {
                return false;
            }
        }

        return count == members.Count;
    }

    private bool AreSameOrOpen(JsonPart left, JsonPart right)
    {
        if (left.Hash != right.Hash || left.Kind != right.Kind)
        {
            return false;
        }

        if (left.Kind is ValueKind.Object or ValueKind.Array)
        {
            _budget.Note();
            _open.Push((left, right));
            return true;
        }

        NoteTexts(left, right, _budget);
        return left.Text.SequenceEqual(right.Text) || AreSameTexts(left, right);
    }
}
