namespace Forge.Differences.Plans;

/// <summary>
/// What becomes of the parts of an object or array, in the order of an array: its edits and what stays between them are the elements of both
/// documents, each in its own order. So at any time between the edits, the array is what is there of that, and in that order.
/// </summary>
/// <param name="place">Where the container is.</param>
/// <param name="isArray">True for an array.</param>
internal sealed class ContainerPlan(Edit place, bool isArray)
{
    private readonly List<Edit> _edits = [];

    /// <summary>What edits that were made have added to the array and taken from it, as sums in the form of a binary indexed tree.</summary>
    private int[]? _shifts;

    public Edit Place => place;

    public bool IsArray => isArray;

    public IReadOnlyList<Edit> Edits => _edits;

    /// <summary>About the length of the pointer to it.</summary>
    public long Path { get; set; }

    /// <summary>About how many bytes its edits take.</summary>
    public long Cost { get; set; }

    /// <summary>True while it waits to be decided again.</summary>
    public bool IsTouched { get; set; }

    public void Add(Edit edit)
    {
        edit.Order = _edits.Count;
        _edits.Add(edit);
    }

    /// <summary>The index in the array that the place of an edit has now.</summary>
    public int IndexOf(Edit edit)
    {
        var index = edit.FromIndex;
        for (var at = edit.Order; _shifts is not null && at > 0; at &= at - 1)
        {
            index += _shifts[at];
        }

        return index;
    }

    /// <summary>Notes that an edit was made that removes or adds an element.</summary>
    public void Note(Edit edit)
    {
        if (isArray)
        {
            _shifts ??= new int[_edits.Count + 1];
            for (var at = edit.Order + 1; at < _shifts.Length; at += at & -at)
            {
                _shifts[at] += edit.Kind == EditKind.Add ? 1 : -1;
            }
        }
    }
}
