namespace Forge.Checkpoints;

/// <summary>A patch for people: how much differs, and where at first.</summary>
/// <param name="Added">How many values were added.</param>
/// <param name="Removed">How many were removed.</param>
/// <param name="Changed">How many were replaced.</param>
/// <param name="Moved">How many were moved as they are.</param>
/// <param name="Entries">The first 100 of them, in the order of the documents.</param>
/// <param name="Rest">How many more there are.</param>
[GenerateSerializer, Immutable, Alias("forge.patch-summary")]
public sealed record PatchSummary(
    [property: Id(0)] int Added,
    [property: Id(1)] int Removed,
    [property: Id(2)] int Changed,
    [property: Id(3)] int Moved,
    [property: Id(4)] IReadOnlyList<PatchedPath> Entries,
    [property: Id(5)] int Rest);

/// <summary>A value that differs.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Path">
/// Where it is in the later state, as a JSON pointer (RFC 6901); of what was removed, where it was in the earlier. Of a long one the first
/// 512 characters and an ellipsis.
/// </param>
/// <param name="From">Of what was moved, where it was; null otherwise.</param>
/// <param name="FromBytes">Its bytes in the state that it was in; null if it was added.</param>
/// <param name="ToBytes">Its bytes in the state that it is in; null if it was removed.</param>
[GenerateSerializer, Immutable, Alias("forge.patched-path")]
public sealed record PatchedPath(
    [property: Id(0)] PatchedPathKind Kind,
    [property: Id(1)] string Path,
    [property: Id(2)] string? From,
    [property: Id(3)] int? FromBytes,
    [property: Id(4)] int? ToBytes);

/// <summary>What became of a value.</summary>
[GenerateSerializer, Alias("forge.patched-path-kind")]
public enum PatchedPathKind
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
