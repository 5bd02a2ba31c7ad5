using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Tenants;
using Forge.History.Changes;
using Forge.History.Stores;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;

namespace Forge.Grains.Retention;

/// <summary>
/// Carries out due work of the history in small steps: policies and times to live of sessions, rows of compacted ranges,
/// abandoned imports, deleted sessions, old events and requests, and the space that all that leaves. Whichever silo is free
/// claims a piece; a silo that dies leaves it to be claimed again when its lease is up.
/// </summary>
/// <remarks>
/// The kinds of work take turns, a step each, so that much of one kind does not keep the others waiting.
/// </remarks>
internal sealed partial class RetentionSweeper(
    IUpkeep upkeep,
    IGrainFactory grains,
    TenantDefaults tenants,
    IOptions<ForgeOptions> options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<RetentionSweeper> logger) : BackgroundService
{
    /// <summary>A purge takes no more than one part in so many of a silo's time.</summary>
    private const int PurgeShare = 10;

    private static readonly DueWorkKind[] RowKinds = [DueWorkKind.Reclaim, DueWorkKind.Staging, DueWorkKind.Erase];

    private readonly RetentionOptions _options = options.Value.Retention;
    private readonly string _owner = Guid.NewGuid().ToString("N");
    private readonly SessionWalk _walk = new(upkeep, tenants, options.Value.Retention);
    private readonly SessionRetention _sessions = new(upkeep, grains, options.Value.Retention, time, logger);
    private long? _purgedAt;
    private TimeSpan _purgeTook;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.SweepInterval, time);
        try
        {
            do
            {
                try
                {
                    await SweepAsync(stoppingToken);
                }
                catch (UnavailableException exception)
                {
                    LogUnavailable(exception.Message);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    LogFault(exception);
                }
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
        var began = time.GetTimestamp();
        await StepWalkAsync(cancellationToken);
        var held = new Dictionary<DueWorkKind, (DueWork Work, long ClaimedAt)>();
        var trim = new TrimInHand();
        var withSessions = lifetime.ApplicationStarted.IsCancellationRequested;
        bool any;
        do
        {
            any = await StepTrimAsync(trim, cancellationToken);
            foreach (var kind in RowKinds)
            {
                any |= await StepRowsAsync(kind, held, cancellationToken);
            }

            if (withSessions)
            {
                (var some, withSessions) = await _sessions.StepAsync(_owner, cancellationToken);
                any |= some;
            }
        }
        while (any && time.GetElapsedTime(began) < _options.WorkLease / 2);

        while (await upkeep.ForgetRequestsAsync(time.GetUtcNow() - _options.RequestWindow, _options.SweepRows, cancellationToken)
            == _options.SweepRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        await PurgeAsync(cancellationToken);
        while (!await upkeep.GiveBackSpaceAsync(cancellationToken) && time.GetElapsedTime(began) < _options.WorkLease)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private Task<DueWork?> ClaimAsync(DueWorkKind kind, CancellationToken cancellationToken) =>
        upkeep.ClaimDueWorkAsync(kind, _owner, time.GetUtcNow(), _options.WorkLease, cancellationToken);

    /// <summary>One page of sessions a sweep: the walk is in no hurry.</summary>
    private async Task StepWalkAsync(CancellationToken cancellationToken)
    {
        await upkeep.BeginWalkAsync(time.GetUtcNow(), cancellationToken);
        if (await ClaimAsync(DueWorkKind.Walk, cancellationToken) is { } walk)
        {
            await _walk.StepAsync(walk, time.GetUtcNow(), cancellationToken);
        }
    }

    /// <summary>One step of work that removes rows; false where there is none.</summary>
    private async Task<bool> StepRowsAsync(
        DueWorkKind kind, Dictionary<DueWorkKind, (DueWork Work, long ClaimedAt)> held, CancellationToken cancellationToken)
    {
        if (!held.TryGetValue(kind, out var piece))
        {
            if (await ClaimAsync(kind, cancellationToken) is not { } claimed)
            {
                return false;
            }

            held[kind] = piece = (claimed, time.GetTimestamp());
        }

        var since = time.GetUtcNow() - _options.RequestWindow;
        if (await upkeep.DoWorkAsync(piece.Work, _options.SweepRows, since, cancellationToken)
            || time.GetElapsedTime(piece.ClaimedAt) > _options.WorkLease / 2)
        {
            // What is not done is due still; the claim runs out by itself.
            held.Remove(kind);
        }

        return true;
    }

    /// <summary>Goes through the log of one session, and a new claim is made where that takes longer than half a lease.</summary>
    private async Task<bool> StepTrimAsync(TrimInHand hand, CancellationToken cancellationToken)
    {
        if (hand.Work is null)
        {
            (hand.Work, hand.After, hand.ClaimedAt) =
                (await ClaimAsync(DueWorkKind.Trim, cancellationToken), 0, time.GetTimestamp());
        }

        if (hand.Work is not { } work)
        {
            return false;
        }

        var now = time.GetUtcNow();
        var next = await upkeep.TrimEventsAsync(
            work.SessionKey, hand.After, _options.EventCount, now - _options.EventAge, _options.SweepRows, cancellationToken);
        if (next is null || time.GetElapsedTime(hand.ClaimedAt) > _options.WorkLease / 2)
        {
            await upkeep.FinishWorkAsync(work, next is null ? null : now, now, cancellationToken);
            hand.Work = null;
        }

        hand.After = next ?? 0;
        return true;
    }

    private async Task PurgeAsync(CancellationToken cancellationToken)
    {
        if ((_purgedAt is { } last && time.GetElapsedTime(last) < _purgeTook * PurgeShare)
            || await ClaimAsync(DueWorkKind.Purge, cancellationToken) is not { } work)
        {
            return;
        }

        var began = time.GetTimestamp();
        var done = await upkeep.PurgeAsync(cancellationToken);
        _purgedAt = time.GetTimestamp();
        _purgeTook = time.GetElapsedTime(began);
        var now = time.GetUtcNow();
        await upkeep.FinishWorkAsync(work, done ? null : now, now, cancellationToken);
        if (done)
        {
            LogPurged(_purgeTook);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The sweep waits for the database: {Problem}")]
    private partial void LogUnavailable(string problem);

    [LoggerMessage(LogLevel.Error, "The sweep failed and goes on at its next turn")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(LogLevel.Information, "What was erased is out of the database's files, after {Duration}")]
    private partial void LogPurged(TimeSpan duration);

    /// <summary>The log that is being trimmed, and how far.</summary>
    private sealed class TrimInHand
    {
        public DueWork? Work { get; set; }

        public long After { get; set; }

        public long ClaimedAt { get; set; }
    }
}
