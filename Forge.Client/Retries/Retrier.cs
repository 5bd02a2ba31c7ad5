using System.Runtime.ExceptionServices;
using Forge.Errors;
using Orleans.Runtime;

namespace Forge.Client.Retries;

/// <summary>
/// Makes calls until they succeed, fail for good, or run out of attempts or time. Waits longer from attempt to attempt.
/// </summary>
/// <param name="options">The bounds.</param>
/// <param name="time">The clock.</param>
/// <param name="chance">Gives numbers from 0 up to, but not including, 1.</param>
/// <param name="losses">Tells of silos that are lost with the calls that they had; null if Orleans tells the calls itself.</param>
internal sealed class Retrier(RetryOptions options, TimeProvider time, Func<double> chance, SiloLosses? losses)
{
    /// <summary>Reads what goes on.</summary>
    public Follower Follower { get; } = new(options, time, chance, losses);

    /// <summary>What those who watch the same session share.</summary>
    public SharedWatches Watches { get; } = new();

    /// <param name="shape">What the call is.</param>
    /// <param name="call">The call; is told the number of the attempt, from 1.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    /// <exception cref="OutcomeUnknownException">
    /// A change was given up, or refused, after an attempt that may have taken effect.
    /// </exception>
    /// <exception cref="UnavailableException">No attempt reached the cluster, and none can have changed anything.</exception>
    public async Task<T> RunAsync<T>(
        CallShape shape, Func<int, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var inDoubt = false;
        for (var attempt = 1; ; attempt++)
        {
            using var abandoned = shape.TellsOfCancellation ? new CancellationTokenSource() : null;

            // The silo that has the call may live. Who cannot ask again waits for its answer rather than be left in doubt.
            var lost = shape.HasAttemptTimeout && attempt < options.Attempts && losses is not null ? losses.Next : CancellationToken.None;

            // Most callers cannot give up, and are spared a source of their own for both.
            using var either = cancellationToken.CanBeCanceled && lost.CanBeCanceled
                ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lost)
                : null;
            var ended = either?.Token ?? (lost.CanBeCanceled ? lost : cancellationToken);
            Exception failure;
            FailureKind kind;
            try
            {
                // The wait ends in time even if the other side takes no notice of the token.
                return await call(attempt, abandoned?.Token ?? CancellationToken.None)
                    .WaitAsync(TimeLeft(shape, started), time, ended);
            }
            catch (OperationCanceledException cancelled) when (cancellationToken.IsCancellationRequested)
            {
                await AbandonAsync(abandoned);
                throw new OperationCanceledException(cancelled.Message, cancelled, cancellationToken);
            }
            catch (Exception exception)
            {
                await AbandonAsync(abandoned);
                failure = lost.IsCancellationRequested && exception is OperationCanceledException
                    ? new SiloUnavailableException("A silo of the cluster was lost during the call.", exception)
                    : Failures.CauseOf(exception);
                kind = Failures.Classify(failure);
            }

            inDoubt |= kind == FailureKind.Unknown;
            var delay = options.DelayAfter(attempt, chance());
            if (kind == FailureKind.Definite
                || attempt >= options.Attempts
                || !shape.RetryWhen(failure, kind)
                || (shape.HasDeadline && time.GetElapsedTime(started) + delay >= options.Deadline))
            {
                throw GiveUp(shape, failure, kind, inDoubt);
            }

            await Task.Delay(delay, time, cancellationToken);
        }
    }

    private static Task AbandonAsync(CancellationTokenSource? attempt) => attempt?.CancelAsync() ?? Task.CompletedTask;

    /// <summary>How long an attempt that begins now is waited for.</summary>
    private TimeSpan TimeLeft(CallShape shape, long started)
    {
        var attempt = shape.HasAttemptTimeout ? options.AttemptTimeout : Timeout.InfiniteTimeSpan;
        if (!shape.HasDeadline)
        {
            return attempt;
        }

        var left = options.Deadline - time.GetElapsedTime(started);
        left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        return shape.HasAttemptTimeout && attempt < left ? attempt : left;
    }

    /// <summary>
    /// A refusal by the last attempt says nothing of an earlier one whose answer was lost and which may yet take effect, so once in
    /// doubt a change stays in doubt.
    /// </summary>
    private static ForgeException GiveUp(CallShape shape, Exception failure, FailureKind kind, bool inDoubt)
    {
        if (inDoubt && shape.Changes is { } session)
        {
            return failure as OutcomeUnknownException ?? new OutcomeUnknownException(session, failure);
        }

        if (failure is ForgeException || kind == FailureKind.Definite)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return new UnavailableException($"There was no answer from {shape.Target}: {failure.Message}", failure);
    }
}
