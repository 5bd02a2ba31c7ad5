namespace Forge.Differences.Trees;

/// <summary>A document cannot be compared.</summary>
internal sealed class UnreadableJsonException(NotComparableReason reason, string problem, Exception? innerException = null)
    : Exception(problem, innerException)
{
    public NotComparableReason Reason => reason;
}
