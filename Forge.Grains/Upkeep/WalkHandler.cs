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
/// may take something from, or that have a schedule: sessions that nobody writes to, and defaults that were set later, are found by this alone. It puts right
/// when sessions were active, for a search. One page of sessions a turn: the walk is in no hurry.
/// </summary>
internal sealed partial class WalkHandler(
    IUpkeep upkeep, TenantDefaults tenants, WorkClaims claims, IOptions<RetentionOptions> options, ILogger<WalkHandler> logger)
    : IDueWorkHandler
{
    /// <summary>In how many turns the settings of a tenant are asked for before the walk goes on without them.</summary>
    private const int Tries = 3;

    private readonly RetentionOptions _options = options.Value;

    /// <summary>In how many turns of this walk the settings of a tenant could not be read.</summary>
    private readonly Dictionary<TenantId, int> _tries = [];

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
        var (found, unread) = (new List<FoundWork>(), new HashSet<TenantId>());
        foreach (var session in sessions)
        {
            if (await NeedsRetentionAsync(session, now, unread, cancellationToken))
            {
                found.Add(new FoundWork(session.Key, DueWorkKind.Retain, now));
            }

            if (ScheduleRules.Of(session.Settings)?.Every is not null)
            {
                // It has its work already; what was lost, as by a binary that knew no schedules, is put right by this.
                found.Add(new FoundWork(session.Key, DueWorkKind.Remind, now));
            }

            if (session.LastPosition > _options.EventCount && session.CreatedAt < now - _options.EventAge)
            {
                found.Add(new FoundWork(session.Key, DueWorkKind.Trim, now));
            }
        }

        // Behind the page, and to the end of all keys if it was the last: so a session that was made since is seen at the next walk.
        var last = sessions.Count == _options.SweepRows ? sessions[^1].Key : long.MaxValue;
        await MendActivityAsync(walk.Cursor, last, cancellationToken);

        // What was found is noted in any case: what one tenant's settings do is no matter of the others.
        var step = !MayBePassedOver(unread) ? new WalkStep(walk.Cursor, now, found)
            : sessions.Count == _options.SweepRows ? new WalkStep(sessions[^1].Key, now, found)
            : new WalkStep(0, now + _options.WalkInterval, found);
        await upkeep.AdvanceWalkAsync(walk, step, cancellationToken);
        if (step.Cursor == 0 && step.DueAt > now)
        {
            _tries.Clear();
        }
    }

    /// <summary>What a silo noted and lost, as one that was killed does, is put right here at the latest.</summary>
    private async Task MendActivityAsync(long after, long last, CancellationToken cancellationToken)
    {
        if (upkeep.HasRoom && await upkeep.MendActivityAsync(after, last, cancellationToken) is var mended and > 0)
        {
            LogMended(mended);
        }
    }

    private async ValueTask<bool> NeedsRetentionAsync(
        WalkedSession session, DateTimeOffset now, HashSet<TenantId> unread, CancellationToken cancellationToken)
    {
        var of = session.Address.Tenant;
        if (unread.Contains(of))
        {
            return false;
        }

        try
        {
            var tenant = await tenants.GetAsync(of).AsTask().WaitAsync(cancellationToken);
            _tries.Remove(of);
            var retention = EffectiveRetention.Of(SessionSettingsJson.Read(session.Settings), tenant, _options);
            return retention.ExpiresAt(session.CreatedAt, session.LastCreatedAt, session.ImportedAt) <= now
                || retention.MayRemove(session.Count);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && IsOutage(exception))
        {
            unread.Add(of);
            var tries = _tries[of] = _tries.GetValueOrDefault(of) + 1;
            if (tries == Tries)
            {
                LogTenantPassedOver(of, exception);
            }

            return false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Settings of one session that cannot be read must not end the walk for all behind it.
            LogPassedOver(session.Address, exception);
            return false;
        }
    }

    /// <summary>
    /// True if the walk may go on without the settings that could not be read. It asks a few times, since it may be the database that is
    /// in trouble: then its own statements fail too, and it waits.
    /// </summary>
    private bool MayBePassedOver(HashSet<TenantId> unread) => unread.All(tenant => _tries[tenant] >= Tries);

    /// <summary>True if it may be the database's trouble and not that of what it holds.</summary>
    private static bool IsOutage(Exception? exception) =>
        exception is not null && (exception is DbException or TimeoutException || IsOutage(exception.InnerException));

    [LoggerMessage(LogLevel.Debug, "Of {Sessions} sessions it was not noted when they were active last")]
    private partial void LogMended(int sessions);

    [LoggerMessage(LogLevel.Error, "The settings of tenant {Tenant} cannot be read; the walk goes on without its sessions")]
    private partial void LogTenantPassedOver(TenantId tenant, Exception exception);

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
