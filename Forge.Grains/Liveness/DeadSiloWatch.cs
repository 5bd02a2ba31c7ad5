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
/// from here is no proof while the database has its silo. Both at once are none before they have lasted, so that a silo whose
/// session was cut can come back first. If they are wrong for all that, nothing is lost: the database fences every change
/// (ADR 0005).
/// </remarks>
internal sealed partial class DeadSiloWatch(
    SiloPresence presence, IClusterMembershipService membership, IOptions<LivenessOptions> options, TimeProvider time,
    ILogger<DeadSiloWatch> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    // After the membership table can be written and before this silo writes itself into it.
    private const int BeforeJoining = ServiceLifecycleStage.RuntimeGrainServices + 1;

    // In the table, and not yet waited for by silos that join.
    private const int BeforeActive = ServiceLifecycleStage.BecomeActive - 1;

    private static readonly TimeSpan LeastApart = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<SiloAddress> _told = [];
    private Dictionary<SiloAddress, long> _suspectedSince = [];
    private bool _isBlind;
    private Task _watch = Task.CompletedTask;

    /// <summary>
    /// How long a silo has to be without session and port. One that lives notices by its next look that its session was cut,
    /// and is back at the database right after it.
    /// </summary>
    private TimeSpan Apart => options.Value.Interval * 2 > LeastApart ? options.Value.Interval * 2 : LeastApart;

    /// <summary>
    /// How long the own session has to have lasted: what cut it will have cut those of others, who may be longer about coming
    /// back.
    /// </summary>
    private TimeSpan Settled => Apart * 2;

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle observer)
    {
        // Early, so that the own session has lasted when it is first needed.
        observer.Subscribe(nameof(DeadSiloWatch), ServiceLifecycleStage.RuntimeInitialize, TryLookAsync);
        observer.Subscribe(nameof(DeadSiloWatch), BeforeJoining, BuryAsync, StopAsync);
        observer.Subscribe(nameof(DeadSiloWatch), BeforeActive, StartAsync);
    }

    /// <summary>Looks once.</summary>
    /// <returns>True if a silo was found dead, or nearly so, that the membership table does not have as dead yet.</returns>
    internal async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        // A look that fails proves nothing, and what was seen before it does not last beyond it.
        var suspectedBefore = _suspectedSince;
        _suspectedSince = [];
        var began = time.GetTimestamp();
        var absent = await presence.FindAbsentAsync(cancellationToken);
        var answers = await Task.WhenAll(absent.Select(
            silo => PortAnswers.AskAsync(silo.Endpoint, options.Value.ConnectTimeout, time, cancellationToken)));
        Dictionary<SiloAddress, long> suspectedSince = [];
        foreach (var (silo, answer) in absent.Zip(answers))
        {
            if (answer == PortAnswer.Unsuspicious)
            {
                continue;
            }

            // Wanted are two looks: one may have come in the moment in which a silo that lives had lost its session.
            if (!suspectedBefore.TryGetValue(silo, out var since))
            {
                since = began;
            }
            else if (time.GetElapsedTime(since) >= Apart && presence.PresentFor >= Settled)
            {
                await DeclareDeadAsync(silo, answer);
            }

            suspectedSince.Add(silo, since);
        }

        _suspectedSince = suspectedSince;
        _told.IntersectWith(absent);
        return suspectedSince.Count > 0;
    }

    private Task BuryAsync(CancellationToken cancellationToken) => LookWhileAsync(found => found, cancellationToken);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookWhileAsync(_ => !presence.IsNoted, cancellationToken);
        var stop = _stop.Token;
        _watch = Task.Run(() => WatchAsync(stop), CancellationToken.None);
    }

    private async Task LookWhileAsync(Func<bool, bool> isPending, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (isPending(await TryLookAsync(cancellationToken)) && time.GetElapsedTime(started) < JoinLimit)
        {
            await Task.Delay(ShortPause, time, cancellationToken);
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _watch.WaitAsync(cancellationToken);
    }

    private async Task WatchAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var wasBlind = _isBlind;
                await TryLookAsync(stop);

                // A session that was cut is made again at once: until then this silo is absent to the others.
                await Task.Delay(_isBlind && !wasBlind ? ShortPause : options.Value.Interval, time, stop);
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

        // Nothing is known, so that whoever wants to know all looks again.
        return true;
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
