namespace Forge.Differences.Sequences;

/// <summary>The steps that may still be taken, and whether to go on at all.</summary>
internal sealed class Budget(long steps, CancellationToken cancellationToken)
{
    /// <summary>After so many steps at most it is looked whether the work was cancelled.</summary>
    public const int StepsBetweenLooks = 4096;

    private long _left = steps;
    private long _unseen;

    /// <summary>How many steps were taken or noted so far.</summary>
    public long Done { get; private set; }

    /// <summary>Notes steps that need no leave, since their number does not grow faster than the documents.</summary>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public void Note(long count = 1)
    {
        Done += count;
        _unseen += count;
        if (_unseen >= StepsBetweenLooks)
        {
            _unseen = 0;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Takes some; false if there are not so many, and then there are none.</summary>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public bool TryTake(long count)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Done += count;
        _left = Math.Max(-1, _left - count);
        return _left >= 0;
    }

    /// <summary>Takes some if there are so many.</summary>
    public bool TryTakeAll(long count) => _left >= count && TryTake(count);
}
