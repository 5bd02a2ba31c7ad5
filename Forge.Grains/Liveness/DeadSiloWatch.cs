using Forge.Errors;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Forge.Grains.Liveness;

/// <summary>
/// Declares silos dead that have died, long before they look dead to Orleans' probes: once before this silo joins, so that
/// it waits for nobody who will not answer, and then for as long as it lives.
/// </summary>
/// <remarks>
/// Two witnesses have to agree that share nothing but the silo: the database, whose session with it has ended, and the
/// silo's own port, at which nobody listens. Neither depends on how fast anybody is, so a busy silo is never declared dead.
/// A database that is restarted ends the sessions of silos that live, but their ports answer; a port that cannot be reached
/// from here is no proof while the database has its silo. If they are wrong for all that, nothing is lost: the database
/// fences every change (ADR 0005).
/// </remarks>
internal sealed partial class DeadSiloWatch(
    SiloPresence presence, IClusterMembershipService membership, IOptions<LivenessOptions> options, TimeProvider time,
    ILogger<DeadSiloWatch> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    // After the membership table can be written and before this silo writes itself into it.
    private const int BeforeJoining = ServiceLifecycleStage.RuntimeGrainServices + 1;

    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinPause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<SiloAddress> _told = [];
    private HashSet<SiloAddress> _silent = [];
    private bool _isBlind;
    private Task _watch = Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer) =>
        observer.Subscribe(nameof(DeadSiloWatch), BeforeJoining, StartAsync, StopAsync);

    /// <summary>Looks once.</summary>
    /// <returns>True if a silo was found dead, or nearly so, that the membership table does not have as dead yet.</returns>
    internal async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var absent = await presence.FindAbsentAsync(cancellationToken);
        var answers = await Task.WhenAll(absent.Select(
            silo => PortAnswers.AskAsync(silo.Endpoint, options.Value.ConnectTimeout, time, cancellationToken)));
        HashSet<SiloAddress> silent = [];
        var found = false;
        foreach (var (silo, answer) in absent.Zip(answers))
        {
            // No answer is what a lost packet looks like too: wanted is a second one, from a silo that is still absent.
            if (answer == PortAnswer.Refused || (answer == PortAnswer.Silent && _silent.Contains(silo)))
            {
                await DeclareDeadAsync(silo, answer);
            }

            found |= answer != PortAnswer.Unsuspicious;
            _ = answer == PortAnswer.Silent && silent.Add(silo);
        }

        _silent = silent;
        _told.IntersectWith(absent);
        return found;
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (await TryLookAsync(cancellationToken) && time.GetElapsedTime(started) < JoinLimit)
        {
            await Task.Delay(JoinPause, time, cancellationToken);
        }

        var stop = _stop.Token;
        _watch = Task.Run(() => WatchAsync(stop), CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _watch.WaitAsync(cancellationToken);
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await TryLookAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The silo stops.
        }
    }

    private async Task<bool> TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await LookAsync(cancellationToken);
            _isBlind = false;
            return found;
        }
        catch (UnavailableException exception)
        {
            if (!_isBlind)
            {
                _isBlind = true;
                LogBlind(exception.Message);
            }

        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFault(exception);
        }

        return false;
    }

    private async Task DeclareDeadAsync(SiloAddress silo, PortAnswer answer)
    {
        if (_told.Add(silo))
        {
            LogDead(silo, answer);
        }

        // Told again at each look until the table has it: another silo may have changed the table first.
        await membership.TryKill(silo);
    }

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} has died: its session at the database has ended, and its port is {Answer}")]
    private partial void LogDead(SiloAddress silo, PortAnswer answer);

    [LoggerMessage(LogLevel.Warning, "Silos that die are noticed late while the database is away: {Problem}")]
    private partial void LogBlind(string problem);

    [LoggerMessage(LogLevel.Error, "Looking for silos that have died failed; the next look tries again")]
    private partial void LogFault(Exception exception);
}
