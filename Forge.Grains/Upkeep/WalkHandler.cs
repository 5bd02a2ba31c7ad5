using System.Data.Common;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.Grains.Tenants;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Forge.Grains.Upkeep;

/// <summary>
/// Looks at all sessions by and by, and notes work for those that a policy, a time to live or the bounds of the event log
/// may take something from: sessions that nobody writes to, and defaults that were set later, are found by this alone. One
/// page of sessions a turn: the walk is in no hurry.
/// </summary>
internal sealed partial class WalkHandler(
    IUpkeep upkeep, TenantDefaults tenants, WorkClaims claims, IOptions<RetentionOptions> options, ILogger<WalkHandler> logger)
    : IDueWorkHandler
{
    private readonly RetentionOptions _options = options.Value;

    public DueWorkKind Kind => DueWorkKind.Walk;

    public IDueWorkTurn Begin() => new Turn(this);

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        var now = claims.Now;
        await upkeep.BeginWalkAsync(now, cancellationToken);
        if (await claims.ClaimAsync(Kind, cancellationToken) is not { Work: var walk })
        {
            return;
        }

        var sessions = await upkeep.WalkAsync(walk.Cursor, _options.SweepRows, cancellationToken);
        var found = new List<FoundWork>();
        foreach (var session in sessions)
        {
            if (await NeedsRetentionAsync(session, now, cancellationToken))
            {
                found.Add(new FoundWork(session.Key, DueWorkKind.Retain, now));
            }

            if (session.LastPosition > _options.EventCount && session.CreatedAt < now - _options.EventAge)
            {
                found.Add(new FoundWork(session.Key, DueWorkKind.Trim, now));
            }
        }

        var step = sessions.Count == _options.SweepRows
            ? new WalkStep(sessions[^1].Key, now, found)
            : new WalkStep(0, now + _options.WalkInterval, found);
        await upkeep.AdvanceWalkAsync(walk, step, cancellationToken);
    }

    private async ValueTask<bool> NeedsRetentionAsync(WalkedSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var tenant = await tenants.GetAsync(session.Address.Tenant).AsTask().WaitAsync(cancellationToken);
            var retention = EffectiveRetention.Of(SessionSettingsJson.Read(session.Settings), tenant, _options);
            return retention.ExpiresAt(session.CreatedAt, session.LastCreatedAt, session.ImportedAt) <= now
                || retention.MayRemove(session.Count);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && !IsOutage(exception))
        {
            // Settings of one session or one tenant that cannot be read must not end the walk for all behind it.
            LogPassedOver(session.Address, exception);
            return false;
        }
    }

    /// <summary>
    /// True if it is the database's trouble and not the settings': then the walk waits, and does not pass over all there is.
    /// </summary>
    private static bool IsOutage(Exception? exception) =>
        exception is not null && (exception is DbException or TimeoutException || IsOutage(exception.InnerException));

    [LoggerMessage(LogLevel.Error, "The retention of session {Session} cannot be told; the walk goes on without it")]
    private partial void LogPassedOver(SessionAddress session, Exception exception);

    private sealed class Turn(WalkHandler handler) : IDueWorkTurn
    {
        private bool _done;

        public async Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            if (!_done)
            {
                _done = true;
                await handler.StepAsync(cancellationToken);
            }

            return false;
        }
    }
}
