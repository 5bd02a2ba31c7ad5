using Forge.Effects;
using Forge.Grains.Retention;
using Forge.Grains.Telemetry;
using Forge.History.Rows;
using Forge.History.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Usage;

/// <summary>
/// Asks the database now and then for what meters tell of the whole of it: due work, effects and what tenants have. Nothing is asked while
/// nobody listens, and nothing as meters are read.
/// </summary>
internal sealed partial class Census : BackgroundService
{
    /// <summary>Of how many tenants it is told what they have: those with the most bytes.</summary>
    public const int MostTenants = 100;

    /// <summary>A question takes no more than one part in so many of the time until it is asked again.</summary>
    private const int Share = 50;

    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    private readonly TimeProvider _time;
    private readonly GrainInstruments _instruments;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<Census> _logger;
    private readonly Question[] _questions;
    private bool _isTold;

    public Census(
        IUsage usage, GrainInstruments instruments, RetentionClock clock, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<Census> logger)
    {
        (_time, _instruments, _lifetime, _logger) = (time, instruments, lifetime, logger);
        _questions =
        [
            new(TimeSpan.FromSeconds(15), async token =>
            {
                var now = clock.Now;
                var due = (await usage.ListOverdueAsync(now, token)).ToDictionary(work => work.Kind);
                instruments.Due = [.. Enum.GetValues<DueWorkKind>().Select(kind => due.TryGetValue(kind, out var work)
                    ? new DueCount(kind, work.Count, now - work.DueAt)
                    : new DueCount(kind, 0, TimeSpan.Zero))];
            }),
            new(TimeSpan.FromMinutes(1), async token =>
            {
                var effects = (await usage.CountEffectsAsync(clock.Now, token)).ToDictionary(use => use.Status);
                instruments.Effects = [.. Enum.GetValues<EffectStatus>().Select(
                    status => effects.TryGetValue(status, out var use) ? use : new EffectUse(status, 0))];
            }),
            new(TimeSpan.FromMinutes(1), async token => instruments.Tenants = await usage.ListLargestAsync(MostTenants, token)),
        ];
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // A silo that does not come to start has its database closed under it.
            var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (_lifetime.ApplicationStarted.Register(started.SetResult))
            {
                await started.Task.WaitAsync(stoppingToken);
            }

            using var timer = new PeriodicTimer(_questions[0].Rest, _time);
            do
            {
                if (_instruments.WantsCensus)
                {
                    await TakeAsync(isForced: false, stoppingToken);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was told last stays.
        }
    }

    /// <summary>Asks what is to be asked by now. What cannot be answered leaves what was told last.</summary>
    /// <param name="isForced">True to ask everything.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal async Task TakeAsync(bool isForced, CancellationToken cancellationToken)
    {
        foreach (var question in _questions)
        {
            var began = _time.GetTimestamp();
            if (!isForced && question.Again is { } again && began < again)
            {
                continue;
            }

            try
            {
                await question.AskAsync(cancellationToken);
                _isTold = false;
            }
            catch (Exception exception)
            {
                // A silo that stops has closed what is asked.
                cancellationToken.ThrowIfCancellationRequested();
                if (!_isTold)
                {
                    _isTold = true;
                    LogFailed(exception);
                }
            }

            var rest = _time.GetElapsedTime(began) * Share;
            rest = rest < question.Rest ? question.Rest : rest > LongestRest ? LongestRest : rest;

            // The timer comes a little early or late, and a question is not to be left out for that.
            question.Again = _time.GetTimestamp() + (long)((rest - (_questions[0].Rest / 2)).TotalSeconds * _time.TimestampFrequency);
        }
    }

    [LoggerMessage(LogLevel.Warning, "What the meters tell of the whole database could not be asked for; it is tried again")]
    private partial void LogFailed(Exception exception);

    /// <param name="rest">How long it is not asked again at the least.</param>
    /// <param name="ask">Asks.</param>
    private sealed class Question(TimeSpan rest, Func<CancellationToken, Task> ask)
    {
        public TimeSpan Rest => rest;

        /// <summary>The timestamp from which it is asked again; null before the first time.</summary>
        public long? Again { get; set; }

        public Task AskAsync(CancellationToken cancellationToken) => ask(cancellationToken);
    }
}
