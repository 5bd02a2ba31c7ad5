using Forge.History.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Activity;

/// <summary>
/// Writes down when sessions were active, within about a second of their commits, for a search in that order (ADR 0023): once for all
/// commits of a session meanwhile, and one statement for many sessions. What is lost, with a silo or for want of room, is put right by
/// the walk over all sessions.
/// </summary>
internal sealed partial class ActivityNoter(
    ActivityNotes notes, IUpkeep upkeep, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<ActivityNoter> logger)
    : BackgroundService
{
    /// <summary>How many sessions one transaction writes down.</summary>
    private const int Batch = 500;

    /// <summary>It takes no more than one part in so many of a silo's time: with very many sessions it is later, and not dearer.</summary>
    private const int Share = 50;

    /// <summary>No rest is longer than this.</summary>
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);

    /// <summary>How long behind the first commit it is written down.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private bool _isTold;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);

        // A silo that did not start has a database that may not be open.
        if (lifetime.ApplicationStarted.IsCancellationRequested)
        {
            await NoteAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = Delay;
        try
        {
            while (true)
            {
                await notes.WaitAsync(stoppingToken);
                await Task.Delay(wait, time, stoppingToken);
                var began = time.GetTimestamp();
                var isDone = await NoteAsync(stoppingToken);

                // An attempt that failed was waiting, and no work.
                var rest = isDone ? time.GetElapsedTime(began) * Share : Delay;
                wait = rest < Delay ? Delay : rest > LongestRest ? LongestRest : rest;
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What is noted still is written down as the silo stops.
        }
    }

    /// <summary>Writes down what is noted now. What cannot be stays noted; false if there is such.</summary>
    internal async Task<bool> NoteAsync(CancellationToken cancellationToken)
    {
        // Some of what is taken later was noted meanwhile, and without an end of its own it could go on for ever.
        for (var batch = 0; batch <= ActivityNotes.Most / Batch && notes.Take(Batch) is { Count: > 0 } keys; batch++)
        {
            try
            {
                await upkeep.NoteActivityAsync(keys, cancellationToken);
                _isTold = false;
            }
            catch (Exception exception)
            {
                notes.Return(keys);
                if (!cancellationToken.IsCancellationRequested && !_isTold)
                {
                    _isTold = true;
                    LogFailed(exception);
                }

                return false;
            }
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "When sessions were active could not be written down; it is tried again")]
    private partial void LogFailed(Exception exception);
}
