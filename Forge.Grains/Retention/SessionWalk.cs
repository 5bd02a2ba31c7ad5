using Forge.Errors;
using Forge.Grains.Hosting;
using Forge.Grains.Sessions;
using Forge.Grains.Tenants;
using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.Grains.Retention;

/// <summary>
/// Looks at all sessions by and by, and notes work for those that a policy, a time to live or the bounds of the event log
/// may take something from: sessions that nobody writes to, and defaults that were set later, are found by this alone.
/// </summary>
internal sealed class SessionWalk(IUpkeep upkeep, TenantDefaults tenants, RetentionOptions options)
{
    /// <summary>Takes one step of a claimed walk, over one page of sessions.</summary>
    /// <exception cref="UnavailableException">The database or a tenant's settings cannot be read.</exception>
    public async Task StepAsync(DueWork walk, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var sessions = await upkeep.WalkAsync(walk.Cursor, options.SweepRows, cancellationToken);
        var found = new List<FoundWork>();
        foreach (var session in sessions)
        {
            if (await NeedsRetentionAsync(session, now))
            {
                found.Add(new FoundWork(session.Key, DueWorkKind.Retain, now));
            }

            if (session.LastPosition > options.EventCount && session.CreatedAt < now - options.EventAge)
            {
                found.Add(new FoundWork(session.Key, DueWorkKind.Trim, now));
            }
        }

        var step = sessions.Count == options.SweepRows
            ? new WalkStep(sessions[^1].Key, now, found)
            : new WalkStep(0, now + options.WalkInterval, found);
        await upkeep.AdvanceWalkAsync(walk, step, cancellationToken);
    }

    private async ValueTask<bool> NeedsRetentionAsync(WalkedSession session, DateTimeOffset now)
    {
        var retention = EffectiveRetention.Of(
            SessionSettingsJson.Read(session.Settings), await tenants.GetAsync(session.Address.Tenant), options);
        return retention.ExpiresAt(session.CreatedAt, session.LastCreatedAt) <= now
            || retention.MayRemove(session.Count);
    }
}
