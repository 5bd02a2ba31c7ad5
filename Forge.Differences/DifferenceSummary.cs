namespace Forge.Differences;

/// <summary>What differs, for people: how much, and where at first.</summary>
/// <param name="Added">How many values were added.</param>
/// <param name="Removed">How many were removed.</param>
/// <param name="Changed">How many were replaced.</param>
/// <param name="Moved">How many were moved as they are.</param>
/// <param name="Entries">The first of them, in the order of the documents.</param>
/// <param name="Rest">How many more there are.</param>
public sealed record DifferenceSummary(
    int Added, int Removed, int Changed, int Moved, IReadOnlyList<DifferenceEntry> Entries, int Rest);

/// <summary>One value that differs.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Path">
/// Where it is, as a JSON pointer (RFC 6901) into the second document; of what was removed, into the first. Of a long one the first 512
/// characters, and an ellipsis. Half a surrogate pair in a name is shown as three U+FFFD; only the patch has the pointer then.
/// </param>
/// <param name="From">Of what was moved, where it was in the first document; null otherwise.</param>
/// <param name="FromBytes">Its size in the first document, as it is written there; null if it was added.</param>
/// <param name="ToBytes">Its size in the second document; null if it was removed.</param>
public sealed record DifferenceEntry(DifferenceKind Kind, string Path, string? From, int? FromBytes, int? ToBytes);

/// <summary>What became of a value.</summary>
public enum DifferenceKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>It was replaced by another one.</summary>
    Changed,

    /// <summary>It is somewhere else.</summary>
    Moved,
}
