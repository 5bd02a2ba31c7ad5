using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Tenants;

namespace Forge.Grains.Sessions;

/// <summary>
/// Which retention holds for a session, and when work for it was noted last, so that one piece of work serves all the
/// creates of an interval. Intervals are those that really pass: a clock that is set back must not let them last for hours.
/// </summary>
internal sealed class RetentionWatch(LiveSession session)
{
    private EffectiveRetention? _retention;
    private string? _settings;
    private long _readAt;
    private long? _notedAt;

    private TimeProvider Time => session.Services.Time;

    private TimeSpan Interval => session.Services.Retention.PolicyInterval;

    /// <summary>The retention that holds, at most as old as the interval in which it is applied.</summary>
    public async ValueTask<EffectiveRetention> GetAsync()
    {
        var settings = session.Engine.Committed?.Head.Settings;
        if (_retention is null || Time.GetElapsedTime(_readAt) >= Interval || !ReferenceEquals(settings, _settings))
        {
            _retention = await ReadAsync(settings);
            (_settings, _readAt) = (settings, Time.GetTimestamp());
        }

        return _retention;
    }

    /// <summary>The retention under these settings of the session, to note work by.</summary>
    public async ValueTask<EffectiveRetention> ReadAsync(string? settings) =>
        Of(settings, await session.Services.Tenants.GetAsync(session.Address.Tenant));

    /// <summary>The retention under these settings of the session, to remove something by: what a tenant took back does not hold.</summary>
    /// <exception cref="UnavailableException">The tenant's settings cannot be read.</exception>
    public async ValueTask<EffectiveRetention> ReadFreshAsync(string? settings) =>
        Of(settings, await session.Services.Tenants.GetFreshAsync(session.Address.Tenant));

    /// <summary>
    /// The work to note with creates; null if they give nothing to do, or if work that will see them was noted.
    /// </summary>
    public Due? WorkFor(EffectiveRetention retention, int creates) =>
        (retention.TimeToLive is not null || retention.MayRemove(session.Engine.ProjectedCount + creates))
        && (_notedAt is not { } noted || Time.GetElapsedTime(noted) >= Interval)
            ? Work()
            : null;

    /// <summary>The work of applying the retention, due an interval from now.</summary>
    public Due Work() => new(DueWorkKind.Retain, (session.WorkTime + Interval).ToMicroseconds());

    /// <summary>Counts the interval from when work was noted; not if the commit that notes it fails.</summary>
    public void Note(PendingChange change)
    {
        if (change.Notes(DueWorkKind.Retain))
        {
            _notedAt = Time.GetTimestamp();
        }
    }

    /// <summary>Takes the note back if the commit failed.</summary>
    public void Settle(PendingChange change)
    {
        if (change.Notes(DueWorkKind.Retain) && change.Outcome.Status != CommitStatus.Committed)
        {
            _notedAt = null;
        }
    }

    private EffectiveRetention Of(string? settings, TenantSettings tenant) =>
        EffectiveRetention.Of(SessionSettingsJson.Read(settings), tenant, session.Services.Retention);

    /// <summary>
    /// The work that was noted last may be the very one that is carried out now, and end with it: what is created from here
    /// on notes its own.
    /// </summary>
    public void Forget() => _notedAt = null;
}
