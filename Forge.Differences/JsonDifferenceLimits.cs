namespace Forge.Differences;

/// <summary>The bounds of a comparison of JSON documents.</summary>
public sealed record JsonDifferenceLimits
{
    /// <summary>
    /// How many steps may go into finding what was inserted into arrays, removed and changed, beyond what grows with the documents alone; 32
    /// million by default, about a quarter of a second. Once they are used up, arrays that would need more are replaced whole or their
    /// changed elements paired by their order, and the patch says so (<see cref="JsonPatch.IsCoarse"/>). At least 0.
    /// </summary>
    public long Steps { get; init; } = 32_000_000;

    /// <summary>The most values of a document, containers and what they contain; 250,000 by default, at least 1.</summary>
    public int Values { get; init; } = 250_000;

    /// <summary>The longest patch, in bytes; 16 MiB by default, at least 2. No more of a longer one is made.</summary>
    public int PatchBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The most entries of the summary; 100 by default, at least 0.</summary>
    public int Entries { get; init; } = 100;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Steps);
        ArgumentOutOfRangeException.ThrowIfLessThan(Values, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PatchBytes, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(Entries);
    }
}
