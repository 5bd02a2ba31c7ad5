namespace Forge.Differences.Sequences;

/// <summary>The steps that may still be taken.</summary>
internal sealed class Budget(long steps, CancellationToken cancellationToken)
{
    private long _left = steps;

    /// <summary>Takes some; false if there are not so many, and then there are none.</summary>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public bool TryTake(long count)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _left = Math.Max(-1, _left - count);
        return _left >= 0;
    }

    /// <summary>Takes some if there are so many.</summary>
    public bool TryTakeAll(long count) => _left >= count && TryTake(count);
}
