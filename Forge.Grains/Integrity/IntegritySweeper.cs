using Forge.Errors;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.History.Verification;
using Forge.Identity;
using Forge.Integrity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Integrity;

/// <summary>
/// Verifies all sessions round after round at a gentle rate. One silo at a time does it; it notes after each session how far it
/// came, so that a round goes on where it was when that silo went away.
/// </summary>
internal sealed partial class IntegritySweeper(
    IVerification verification, ISessionCatalog catalog, IOptions<IntegrityOptions> options, TimeProvider time,
    ILogger<IntegritySweeper> logger) : BackgroundService
{
    private const int NamedSessions = 100;
    private const int PageSessions = 50;

    /// <summary>How often a session that cannot be read is tried before the round goes on without it.</summary>
    private const int Tries = 3;

    /// <summary>The least that is waited for: shorter waits are saved up.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    private readonly IntegrityOptions _options = options.Value;
    private readonly HistoryVerifier _verifier = new(verification);
    private readonly string _owner = Guid.NewGuid().ToString("N");
    private TimeSpan _owed;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Background)
        {
            return;
        }

        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
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
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Another silo goes on when the lease is up.
        }
    }

    /// <summary>Goes on with the round that is due, to its end; nothing if none is or another silo is at it.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (await verification.ClaimRoundAsync(_owner, time.GetUtcNow(), _options.Lease, cancellationToken) is not { } round)
        {
            return;
        }

        if (round.StartedAt is null)
        {
            round = round with { StartedAt = time.GetUtcNow(), Sessions = 0, Damaged = 0, Unreadable = 0, DamagedSessions = [] };
        }

        while (await catalog.ListSessionsAsync(null, After(round), PageSessions, cancellationToken) is { Count: > 0 } sessions)
        {
            foreach (var address in sessions)
            {
                if (await TryVerifyAsync(round, address, cancellationToken) is not { } came
                    || !await HoldAsync(came, cancellationToken))
                {
                    return;
                }

                round = came;

                // Not while the session is read: a snapshot that is held keeps a database from clearing up behind its
                // writers, and their head rows slow down.
                await WaitAsync(TimeSpan.FromSeconds(1.0 / _options.SessionsPerSecond), cancellationToken);
            }
        }

        var done = new VerificationRound
        {
            NextAt = time.GetUtcNow() + _options.Interval,
            DoneAt = time.GetUtcNow(),
            DoneSessions = round.Sessions,
            DoneDamaged = round.Damaged,
            DoneUnreadable = round.Unreadable,
            DamagedSessions = round.DamagedSessions,
        };
        if (await verification.SaveRoundAsync(_owner, done, null, cancellationToken))
        {
            LogDone(done.DoneSessions, done.DoneDamaged, done.DoneUnreadable);
        }
    }

    /// <summary>
    /// The round behind a session, also behind one that cannot be read: that is counted, and its neighbours are verified all
    /// the same. Null if the round was lost to another silo.
    /// </summary>
    private async Task<VerificationRound?> TryVerifyAsync(
        VerificationRound round, SessionAddress address, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await VerifyAsync(round, address, cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // If it is the database's trouble and not the session's, this fails too, and the next sweep begins here.
                if (!await HoldAsync(round, cancellationToken))
                {
                    return null;
                }

                if (attempt == Tries)
                {
                    LogUnreadable(address, exception);
                    return Behind(round, address) with { Unreadable = round.Unreadable + 1 };
                }
            }
        }
    }

    private async Task<VerificationRound> VerifyAsync(
        VerificationRound round, SessionAddress address, CancellationToken cancellationToken)
    {
        var heldAt = time.GetTimestamp();
        var came = Behind(round, address);
        var result = await _verifier.VerifyAsync(address, [], PaceAsync, cancellationToken);
        if (result is null)
        {
            return came;
        }

        if (result.IsIntact)
        {
            return came with { Sessions = round.Sessions + 1 };
        }

        foreach (var damage in result.Damages)
        {
            LogDamage(address, damage.Kind, damage.Position, damage.Sequence, damage.Problem);
        }

        return came with
        {
            Sessions = round.Sessions + 1,
            Damaged = round.Damaged + 1,
            DamagedSessions = [.. round.DamagedSessions.Append($"{address.Tenant}/{address.Session}").Take(NamedSessions)],
        };

        async ValueTask PaceAsync(long bytes)
        {
            _owed += TimeSpan.FromSeconds((double)bytes / _options.BytesPerSecond);
            if (time.GetElapsedTime(heldAt) > _options.Lease / 3)
            {
                // A long session must not be taken away half way.
                heldAt = time.GetTimestamp();
                if (!await HoldAsync(round, cancellationToken))
                {
                    throw new InvalidOperationException("The round is another silo's by now.");
                }
            }
        }
    }

    /// <summary>Notes how far the round came, and holds it; false if somebody else has it by now.</summary>
    private Task<bool> HoldAsync(VerificationRound round, CancellationToken cancellationToken) =>
        verification.SaveRoundAsync(_owner, round, time.GetUtcNow() + _options.Lease, cancellationToken);

    private static VerificationRound Behind(VerificationRound round, SessionAddress address) =>
        round with { AfterTenant = address.Tenant.Value, AfterSession = address.Session.Value };

    private async ValueTask WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        _owed += wait;
        if (_owed >= LeastWait)
        {
            (wait, _owed) = (_owed, TimeSpan.Zero);
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private static SessionAddress? After(VerificationRound round) => round.AfterSession.Length == 0
        ? null
        : new SessionAddress(TenantId.Parse(round.AfterTenant), SessionId.Parse(round.AfterSession));

    [LoggerMessage(LogLevel.Error,
        "Session {Session} is damaged: {Kind} at position {Position}, checkpoint {Sequence}: {Problem}")]
    private partial void LogDamage(SessionAddress session, DamageKind kind, long position, long sequence, string problem);

    [LoggerMessage(LogLevel.Information, "{Sessions} sessions were verified, {Damaged} of them are damaged; {Unreadable} others cannot be read")]
    private partial void LogDone(long sessions, long damaged, long unreadable);

    [LoggerMessage(LogLevel.Error, "Session {Session} cannot be verified, for it cannot be read; the verification goes on without it")]
    private partial void LogUnreadable(SessionAddress session, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The verification waits for the database: {Problem}")]
    private partial void LogUnavailable(string problem);

    [LoggerMessage(LogLevel.Error, "The verification failed and goes on at its next turn")]
    private partial void LogFault(Exception exception);
}
