using Forge.Checkpoints;

namespace Forge.Client.Loops;

/// <summary>
/// The saves of a loop, one after another: a state that was reported in the midst of a step must not come behind that of its end.
/// </summary>
internal sealed class LoopSaves<TState>(SessionHandle session) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _lock = new();
    private TState _newest = default!;
    private long _reported;
    private long _saved;
    private long _steps;
    private bool _isFinished;

    public SessionHandle Session => session;

    /// <summary>How many steps were made and saved.</summary>
    public long Steps => Interlocked.Read(ref _steps);

    public void Dispose() => _gate.Dispose();

    /// <summary>Begins with what the session has.</summary>
    public void Begin(TState state, long steps)
    {
        lock (_lock)
        {
            (_newest, _steps) = (state, steps);
        }
    }

    /// <summary>Takes note of a state in the midst of a step.</summary>
    public void Report(TState state)
    {
        lock (_lock)
        {
            (_newest, _reported) = (state, _reported + 1);
        }
    }

    /// <summary>Saves the end of a step, or the beginning of all.</summary>
    public async Task SaveStepAsync(TState state, long steps, bool isFinished, string message, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await session.CheckpointAsync(state, message, LoopTags.Of(steps, isFinished), cancellationToken: cancellationToken);
            lock (_lock)
            {
                (_newest, _steps, _saved, _isFinished) = (state, steps, _reported, isFinished);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Saves a state in the midst of a step, from which the step is made again.</summary>
    public async Task<CreateResult> SaveWithinAsync(
        TState state, string message, CheckpointTrigger trigger, CancellationToken cancellationToken)
    {
        Report(state);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await CreateAsync(state, message, trigger, cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Saves the newest state that was reported, if that is not saved yet.</summary>
    public Task SaveReportedAsync(string message, CheckpointTrigger trigger, CancellationToken cancellationToken) =>
        SaveNewestAsync(message, trigger, isForced: false, cancellationToken);

    /// <summary>Saves the newest state that is known, for the sake of the trigger.</summary>
    public Task SaveKnownAsync(string message, CheckpointTrigger trigger, CancellationToken cancellationToken) =>
        SaveNewestAsync(message, trigger, isForced: true, cancellationToken);

    private async Task SaveNewestAsync(string message, CheckpointTrigger trigger, bool isForced, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            TState state;
            long reported;
            lock (_lock)
            {
                (state, reported) = (_newest, _reported);
                if (_isFinished || (!isForced && reported == _saved))
                {
                    // Behind the last step it would say that there is another one.
                    return;
                }
            }

            var result = await CreateAsync(state, message, trigger, cancellationToken);
            lock (_lock)
            {
                _saved = result.Outcome == CreateOutcome.NotTaken ? _saved : reported;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private Task<CreateResult> CreateAsync(
        TState state, string message, CheckpointTrigger trigger, CancellationToken cancellationToken) =>
        session.CheckpointAsync(
            state, message, LoopTags.Of(Steps, isFinished: false), new CheckpointOptions { Trigger = trigger }, cancellationToken);
}
