namespace Forge.Differences;

/// <summary>What a comparison of two JSON documents came to.</summary>
public abstract record JsonComparison
{
    private protected JsonComparison()
    {
    }
}

/// <summary>What makes the second document of the first.</summary>
/// <param name="Bytes">The JSON Patch (RFC 6902), in UTF-8; <c>[]</c> if both are the same. It has no <c>test</c> and no <c>copy</c>.</param>
/// <param name="IsCoarse">
/// True if a bound was met, so that a part was replaced whole or changed elements were paired by their order alone, and the patch may be
/// longer than it has to be. It is right all the same.
/// </param>
/// <param name="Summary">The same for people.</param>
public sealed record JsonPatch(ReadOnlyMemory<byte> Bytes, bool IsCoarse, DifferenceSummary Summary) : JsonComparison;

/// <summary>A document cannot be compared as JSON.</summary>
/// <param name="Side">Which one; the first if both cannot.</param>
/// <param name="Reason">Why.</param>
/// <param name="Problem">Why, for a person; the end of a sentence that begins with the document.</param>
public sealed record NotComparable(DifferenceSide Side, NotComparableReason Reason, string Problem) : JsonComparison;

/// <summary>The patch is longer than its limit.</summary>
/// <param name="Limit">The limit, in bytes.</param>
/// <param name="Reached">The length that it would have had at least when its making was given up.</param>
public sealed record PatchTooLarge(int Limit, long Reached) : JsonComparison;

/// <summary>One of two documents.</summary>
public enum DifferenceSide
{
    /// <summary>The one that a patch is applied to.</summary>
    From,

    /// <summary>The one that it makes.</summary>
    To,
}

/// <summary>Why a document cannot be compared.</summary>
public enum NotComparableReason
{
    /// <summary>It is not one JSON value in UTF-8.</summary>
    NotJson,

    /// <summary>An object has a name twice: a pointer cannot say which of them is meant.</summary>
    DuplicateName,

    /// <summary>It has more values than the limit.</summary>
    TooManyValues,
}
