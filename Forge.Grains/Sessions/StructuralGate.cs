namespace Forge.Grains.Sessions;

/// <summary>
/// Lets changes of what is there (deletes, tags, restores, branches) run side by side, and a change that looks at the whole
/// session (a compaction, an import) run without them. Plain creates never pass through it, so neither holds them up.
/// </summary>
/// <remarks>Not thread-safe: all its callers run on the scheduler of one grain.</remarks>
internal sealed class StructuralGate
{
    private readonly Queue<(bool Exclusive, TaskCompletionSource Turn)> _waiting = [];
    private int _shared;
    private bool _exclusive;

    public Task<Pass> EnterSharedAsync() => EnterAsync(exclusive: false);

    public Task<Pass> EnterExclusiveAsync() => EnterAsync(exclusive: true);

    private async Task<Pass> EnterAsync(bool exclusive)
    {
        // In order of arrival, so that a stream of deletes does not keep a compaction out.
        if (_waiting.Count > 0 || !TryEnter(exclusive))
        {
            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((exclusive, turn));
            await turn.Task;
        }

        return new Pass(this, exclusive);
    }

    private bool TryEnter(bool exclusive)
    {
        if (_exclusive || (exclusive && _shared > 0))
        {
            return false;
        }

        _exclusive = exclusive;
        _shared += exclusive ? 0 : 1;
        return true;
    }

    private void Leave(bool exclusive)
    {
        _exclusive = !exclusive && _exclusive;
        _shared -= exclusive ? 0 : 1;
        while (_waiting.TryPeek(out var next) && TryEnter(next.Exclusive))
        {
            _waiting.Dequeue();
            next.Turn.SetResult();
        }
    }

    /// <summary>Held while the change runs; dispose it once.</summary>
    public readonly struct Pass(StructuralGate gate, bool exclusive) : IDisposable
    {
        public void Dispose() => gate.Leave(exclusive);
    }
}
