using Forge.Differences.Patches;
using Forge.Differences.Plans;
using Forge.Differences.Sequences;
using Forge.Differences.Trees;

namespace Forge.Differences.Json;

/// <summary>Finds what makes one JSON document of another.</summary>
/// <remarks>
/// <para>
/// Two documents are the same if their canonical forms are: without white space between tokens, the members of each object in the
/// order of their names, and each string with the same characters, however they were escaped. Numbers are compared and kept as they
/// are written: <c>1.0</c> is not <c>1</c>, and <c>1e2</c> is not <c>100</c>. Half a surrogate pair, which only an escape can write, is
/// a character of its own. Applied to the first document, a patch gives the canonical form of the second, byte for byte.
/// </para>
/// <para>
/// Time grows with the documents, and with what differs within a bound (<see cref="JsonDifferenceLimits.Steps"/>). Memory is about 100
/// bytes for each value of both documents if little differs, up to about 300 if nearly all of it was removed, added or moved, and three
/// times the patch. However deep documents are nested, no stack is needed for it: what differs more than 128 levels down is replaced on
/// that level. Once it is cancelled, it ends within a few thousand steps, at any time.
/// </para>
/// </remarks>
public static class JsonDifference
{
    /// <summary>Compares two documents.</summary>
    /// <param name="from">The one that the patch is applied to, in UTF-8.</param>
    /// <param name="to">The one that it makes, in UTF-8.</param>
    /// <param name="limits">The bounds; the defaults if null.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>
    /// A <see cref="JsonPatch"/>; <see cref="NotComparable"/> if a document cannot be compared; <see cref="PatchTooLarge"/> if the
    /// patch is longer than its limit.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">A limit is less than it may be.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static JsonComparison Compare(
        ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, JsonDifferenceLimits? limits = null, CancellationToken cancellationToken = default)
    {
        limits ??= new JsonDifferenceLimits();
        limits.Check();
        cancellationToken.ThrowIfCancellationRequested();
        return Compare(from, to, limits, new Budget(limits.Steps, cancellationToken));
    }

    /// <summary>Compares two documents with a budget that tells afterwards how much it took.</summary>
    internal static JsonComparison Compare(
        ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, JsonDifferenceLimits limits, Budget budget)
    {
        if (Read(from, DifferenceSide.From, limits, budget, out var left) is { } leftProblem)
        {
            return leftProblem;
        }

        if (Read(to, DifferenceSide.To, limits, budget, out var right) is { } rightProblem)
        {
            return rightProblem;
        }

        var planner = new DifferencePlanner(budget);
        var root = planner.Plan(left!.Root, right!.Root);
        return PatchWriter.Write(root, limits.PatchBytes, budget, out var reached) is { } patch
            ? new JsonPatch(patch, planner.IsCoarse, SummaryMaker.Make(root, limits.Entries, budget))
            : new PatchTooLarge(limits.PatchBytes, reached);
    }

    private static NotComparable? Read(
        ReadOnlyMemory<byte> json, DifferenceSide side, JsonDifferenceLimits limits, Budget budget, out JsonTree? tree)
    {
        try
        {
            tree = JsonTreeReader.Read(json, limits.Values, budget);
            return null;
        }
        catch (UnreadableJsonException exception)
        {
            tree = null;
            return new NotComparable(side, exception.Reason, exception.Message);
        }
    }
}
