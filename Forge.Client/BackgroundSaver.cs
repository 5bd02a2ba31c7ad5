using System.Runtime.ExceptionServices;
using Forge.Checkpoints;
using Forge.Errors;

namespace Forge.Client;

/// <summary>
/// Saves an agent's states while the agent goes on: one at a time, always the newest. A state that another one overtook before
/// its turn came is not saved. Safe for concurrent use; <see cref="SessionHandle.SaveLater"/> makes one.
/// </summary>
/// <remarks>
/// <para>
/// It holds two states at the most: one that is being saved, and the newest one that waits. One that the session throttles by its
/// trigger counts as saved (<see cref="CreateOutcome.NotTaken"/>). No state waits for longer than
/// <see cref="BackgroundSaverOptions.MaxAge"/> without the agent being held up: from then on
/// <see cref="CheckpointLaterAsync{T}"/> comes back only when something was saved.
/// </para>
/// <para>
/// No failure is lost. The next call raises it, and the state that could not be saved waits until it is saved or overtaken: it is tried
/// again by itself if the failure may pass (<see cref="BusyException"/>, <see cref="UnavailableException"/>,
/// <see cref="SessionMovedException"/>, <see cref="OutcomeUnknownException"/>), and with the next call otherwise. Every attempt at a state
/// carries the same id, so that it becomes one checkpoint. One of which it is not known whether it was saved is tried until that is known, before a
/// newer one.
/// </para>
/// </remarks>
public sealed class BackgroundSaver : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly SessionHandle _session;
    private readonly BackgroundSaverOptions _options;
    private readonly TimeProvider _time;
    private Unsaved? _waiting;
    private Unsaved? _saving;
    private Unsaved? _doubtful;
    private Unsaved? _refused;
    private Failure? _failure;
    private bool _isUntold;
    private CreateResult? _last;
    private Task _running = Task.CompletedTask;
    private bool _isRunning;
    private TaskCompletionSource _wake = NewSignal();
    private TaskCompletionSource _progress = NewSignal();
    private long _given;
    private long _saved;
    private bool _closed;

    internal BackgroundSaver(SessionHandle session, BackgroundSaverOptions options, TimeProvider time) =>
        (_session, _options, _time) = (session, options, time);

    /// <summary>What became of the newest save that succeeded; null before the first.</summary>
    public CreateResult? Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Takes a state to save behind the caller's back.</summary>
    /// <param name="state">The state; is turned into bytes before the call returns its task.</param>
    /// <param name="message">What the agent says of it: not empty, at most 4 KiB of UTF-8 by default.</param>
    /// <param name="tags">Tags; null for none.</param>
    /// <param name="options">What else there is to say; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up waiting; the state was taken all the same.</param>
    /// <returns>A task that is over at once, unless an unsaved state is older than it may be.</returns>
    /// <exception cref="ForgeException">An earlier state could not be saved. This one was taken all the same.</exception>
    /// <exception cref="ObjectDisposedException">The saver is closed; the state was not taken.</exception>
    public Task CheckpointLaterAsync<T>(
        T state,
        string message,
        IReadOnlyList<string>? tags = null,
        CheckpointOptions? options = null,
        CancellationToken cancellationToken = default) =>
        TakeAsync(_session.NewUnsaved(state, message, tags, options), cancellationToken);

    /// <summary>Takes bytes to save, as they are, behind the caller's back. They are copied before the call returns its task.</summary>
    /// <inheritdoc cref="CheckpointLaterAsync{T}(T, string, IReadOnlyList{string}?, CheckpointOptions?, CancellationToken)"/>
    public Task CheckpointLaterAsync(
        ReadOnlyMemory<byte> state,
        string message,
        IReadOnlyList<string>? tags = null,
        CheckpointOptions? options = null,
        CancellationToken cancellationToken = default) =>
        TakeAsync(_session.NewUnsaved(state, message, tags, options), cancellationToken);

    /// <summary>Takes bytes to save, as they are, behind the caller's back. They are copied before the call returns its task.</summary>
    /// <inheritdoc cref="CheckpointLaterAsync{T}(T, string, IReadOnlyList{string}?, CheckpointOptions?, CancellationToken)"/>
    public Task CheckpointLaterAsync(
        byte[] state,
        string message,
        IReadOnlyList<string>? tags = null,
        CheckpointOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        return CheckpointLaterAsync((ReadOnlyMemory<byte>)state, message, tags, options, cancellationToken);
    }

    /// <summary>Comes back when the newest state that was given before this call is saved.</summary>
    /// <param name="cancellationToken">Gives up waiting; the state may be saved all the same.</param>
    /// <returns>What became of the newest save; null if no state was ever given.</returns>
    /// <exception cref="ForgeException">It could not be saved. It is still there, and another flush tries again.</exception>
    public async Task<CreateResult?> FlushAsync(CancellationToken cancellationToken = default)
    {
        long given;
        long failures;
        lock (_lock)
        {
            (given, failures) = (_given, _failure?.Serial ?? 0);
            Run();
        }

        // What failed before is tried again, and it is this attempt that counts; that of a state that is overtaken does not.
        await ProgressAsync(
            () => _saved >= given, failure => failure.Serial > failures && failure.Number >= given, cancellationToken);
        return Last;
    }

    /// <summary>Takes no more states, and saves the last one.</summary>
    /// <exception cref="ForgeException">It could not be saved.</exception>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _closed = true;
        }

        try
        {
            await FlushAsync();
        }
        finally
        {
            Task running;
            lock (_lock)
            {
                running = _running;
            }

            await running;
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool MayPass(Exception failure) =>
        failure is BusyException or UnavailableException or SessionMovedException or OutcomeUnknownException;

    private async Task TakeAsync(NewCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        long failures;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _waiting = new Unsaved(checkpoint, ++_given, (_waiting ?? _refused)?.Since ?? _time.GetTimestamp());
            failures = _failure?.Serial ?? 0;
            Run();
            if (_isUntold)
            {
                Tell(_failure!);
            }
        }

        await ProgressAsync(() => !IsTooOld(), failure => failure.Serial > failures, cancellationToken);
    }

    private bool IsTooOld() =>
        (_saving ?? _doubtful ?? _waiting ?? _refused) is { } oldest && _time.GetElapsedTime(oldest.Since) >= _options.MaxAge;

    /// <summary>Begins to save what waits, or ends the pause after a failure.</summary>
    private void Run()
    {
        _wake.TrySetResult();
        (_waiting, _refused) = (_waiting ?? _refused, null);
        if (!_isRunning && (_waiting ?? _doubtful) is not null)
        {
            _isRunning = true;
            _running = Task.Run(SaveAllAsync);
        }
    }

    private void Tell(Failure failure)
    {
        _isUntold = false;
        ExceptionDispatchInfo.Throw(failure.Exception);
    }

    /// <summary>Waits until something is so, or for a failure; each who waits is told of it.</summary>
    private async Task ProgressAsync(Func<bool> isDone, Func<Failure, bool> concerns, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task progress;
            lock (_lock)
            {
                if (isDone())
                {
                    return;
                }

                // Where nothing is tried any more, there is nothing else to wait for.
                if (_failure is { } failure && (concerns(failure) || !_isRunning))
                {
                    Tell(failure);
                }

                progress = _progress.Task;
            }

            await progress.WaitAsync(cancellationToken);
        }
    }

    private async Task SaveAllAsync()
    {
        for (var pause = _options.RetryAfter; Take() is { } unsaved;)
        {
            try
            {
                End(unsaved, await _session.SaveAsync(unsaved.Checkpoint));
                pause = _options.RetryAfter;
            }
            catch (Exception failure)
            {
                _options.Failed?.Invoke(failure);
                if (Fail(unsaved, failure) is not { } wake)
                {
                    continue;
                }

                using var over = new CancellationTokenSource();
                await Task.WhenAny(wake, Task.Delay(pause, _time, over.Token));
                await over.CancelAsync();
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    /// <summary>
    /// The state whose turn it is; with none the run is over, and another one may begin. One of which it is not known whether it was saved goes
    /// before a newer one: its checkpoint could yet come, and must not come behind that.
    /// </summary>
    private Unsaved? Take()
    {
        lock (_lock)
        {
            if (_doubtful is not null)
            {
                (_saving, _doubtful) = (_doubtful, null);
            }
            else
            {
                (_saving, _waiting) = (_waiting, null);
            }

            if (_saving is null)
            {
                _isRunning = false;
                Progress();
            }

            return _saving;
        }
    }

    private void End(Unsaved unsaved, CreateResult result)
    {
        lock (_lock)
        {
            (_last, _saved, _saving) = (result, unsaved.Number, null);
            _isUntold = _isUntold && _failure!.Number > unsaved.Number;
            Progress();
        }
    }

    /// <summary>Keeps a state that could not be saved; null if there is something else to save at once, or nothing.</summary>
    private Task? Fail(Unsaved unsaved, Exception failure)
    {
        lock (_lock)
        {
            (_failure, _isUntold, _saving) = (new Failure(failure, unsaved.Number, (_failure?.Serial ?? 0) + 1), true, null);
            var isPassing = MayPass(failure);
            if (failure is OutcomeUnknownException && !_closed)
            {
                _doubtful = unsaved;
            }
            else if (_waiting is { } newer)
            {
                _waiting = newer with { Since = unsaved.Since };
            }
            else if (isPassing && !_closed)
            {
                _waiting = unsaved;
            }
            else
            {
                // Until somebody asks for it.
                _refused = unsaved;
            }

            _wake = NewSignal();
            Progress();
            return isPassing && !_closed ? _wake.Task : null;
        }
    }

    private void Progress()
    {
        _progress.TrySetResult();
        _progress = NewSignal();
    }

    /// <param name="Checkpoint">What to create, with an id.</param>
    /// <param name="Number">The how-manieth state it is that was given, from 1.</param>
    /// <param name="Since">When the oldest state was given that waits with it.</param>
    private sealed record Unsaved(NewCheckpoint Checkpoint, long Number, long Since);

    /// <param name="Exception">What an attempt met.</param>
    /// <param name="Number">The state that it was made for.</param>
    /// <param name="Serial">The how-manieth failure it is, from 1.</param>
    private sealed record Failure(Exception Exception, long Number, long Serial);
}
