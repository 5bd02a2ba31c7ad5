using Forge.Errors;
using Forge.Grains.Retention;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>
/// Has the due work of the history done, in small steps. Whichever silo is free claims a piece; a silo that dies leaves it to
/// be claimed again when its lease is up.
/// </summary>
/// <remarks>
/// The kinds of work take turns, a step each, so that much of one kind does not keep the others waiting; one that fails sits
/// out the rest of the turn, and the others go on.
/// </remarks>
internal sealed partial class Sweeper(
    IEnumerable<IDueWorkHandler> handlers, IEnumerable<ITidying> tidyings, WorkClaims claims, IOptions<RetentionOptions> options,
    TimeProvider time, IHostApplicationLifetime lifetime, ILogger<Sweeper> logger) : BackgroundService
{
    private readonly IDueWorkHandler[] _handlers = [.. handlers];
    private readonly ITidying[] _tidyings = [.. tidyings];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        try
        {
            // A silo that does not come to start has its database closed under it, and nothing to sweep.
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (lifetime.ApplicationStarted.Register(started.SetResult))
            {
                await started.Task.WaitAsync(stoppingToken);
            }

            do
            {
                await SweepAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was claimed is claimed again, here or elsewhere, when its lease is up.
        }
    }

    /// <summary>Does all the work that is due now, or as much of it as half a lease has time for.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var began = claims.Begin();
        var isTold = false;
        var turns = _handlers.Select(handler => (handler.Kind, Turn: handler.Begin())).ToList();
        bool any;
        do
        {
            any = false;
            foreach (var turn in turns.ToArray())
            {
                var more = await TryAsync($"work of kind {turn.Kind}", () => turn.Turn.StepAsync(cancellationToken));
                any |= more is true;
                if (more is null)
                {
                    turns.Remove(turn);
                }
            }
        }
        while (any && !claims.IsLongSince(began));

        foreach (var tidying in _tidyings)
        {
            await TryAsync(tidying.GetType().Name, async () =>
            {
                await tidying.TidyAsync(cancellationToken);
                return true;
            });
        }

        // What the step says; null if it failed. A database that is down is told of once a turn, not by each kind.
        async Task<bool?> TryAsync(string work, Func<Task<bool>> step)
        {
            try
            {
                return await step();
            }
            catch (Exception exception)
            {
                // A silo that stops, or did not start, has closed what the step works on.
                cancellationToken.ThrowIfCancellationRequested();
                if (exception is not UnavailableException)
                {
                    LogFault(work, exception);
                }
                else if (!isTold)
                {
                    isTold = true;
                    LogUnavailable(exception.Message);
                }
            }

            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sweep waits for the database: {Problem}")]
    private partial void LogUnavailable(string problem);

    [LoggerMessage(LogLevel.Error, "{Work} failed; the sweep goes on with it at its next turn")]
    private partial void LogFault(string work, Exception exception);
}
