using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Retention;
using Forge.Grains.Rules;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Tenants;

namespace Forge.Grains.Sessions;

/// <summary>
/// Which retention holds for a session, when work for it was noted last, so that one piece of work serves all the creates of an
/// interval, and when there is something to do next, so that creates before that note none. Intervals are those that really pass:
/// a clock that is set back must not let them last for hours.
/// </summary>
internal sealed class RetentionWatch(LiveSession session)
{
    private EffectiveRetention? _retention;
    private string? _settings;
    private long _readAt;
    private long? _notedAt;
    private Outlook? _outlook;

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
    public Due? WorkFor(EffectiveRetention retention, long creates)
    {
        var mayRemove = retention.MayRemove(session.Engine.ProjectedCount + creates);
        return (mayRemove || retention.TimeToLive is not null)
            && (_notedAt is not { } noted || Time.GetElapsedTime(noted) >= Interval)
            && !(_outlook?.Covers(retention, mayRemove, session.Engine.ProjectedSequence + creates, session.WorkTime - Interval) ?? false)
                ? Work()
                : null;
    }

    /// <summary>The work to note if tags are changed: a checkpoint may have stayed for one that it has no more.</summary>
    public Due? WorkForTags(EffectiveRetention retention) =>
        retention.Policy?.KeepTags is { Count: > 0 } && retention.MayRemove(session.Engine.ProjectedCount) ? Work() : null;

    /// <summary>The work to note if a checkpoint is deleted: what it required may have stayed for it alone.</summary>
    public Due? WorkForDelete(EffectiveRetention retention, StoredCheckpoint row) =>
        row.Requires is not null && retention.MayRemove(session.Engine.ProjectedCount - 1) ? Work() : null;

    /// <summary>
    /// Takes note that the retention was applied, and that the work for it is due again: creates need not note any until they make
    /// it due earlier.
    /// </summary>
    /// <param name="retention">What was applied.</param>
    /// <param name="again">When it is due again; null for never.</param>
    /// <param name="sequence">
    /// The sequence with which a create may let something go at once; null if the policy had nothing to remove.
    /// </param>
    public void Expect(EffectiveRetention retention, DateTimeOffset? again, long? sequence)
    {
        var latest = session.WorkTime + EffectiveRetention.LongestWait;
        _outlook = again is { } at ? new Outlook(retention, at < latest ? at : latest, sequence) : null;
    }

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
    public void Forget() => (_notedAt, _outlook) = (null, null);

    /// <summary>When there is something to do next.</summary>
    /// <param name="Of">By which retention.</param>
    /// <param name="At">When work is due of itself.</param>
    /// <param name="Sequence">The sequence that may make it due earlier; null if the policy had nothing to remove.</param>
    private sealed record Outlook(EffectiveRetention Of, DateTimeOffset At, long? Sequence)
    {
        /// <summary>True if it holds for a create: work that is due early enough is there.</summary>
        /// <param name="retention">The retention that holds now.</param>
        /// <param name="mayRemove">True if its policy may remove something.</param>
        /// <param name="sequence">The sequence of the create.</param>
        /// <param name="before">Work that was due before this should have been done, and may be gone.</param>
        public bool Covers(EffectiveRetention retention, bool mayRemove, long sequence, DateTimeOffset before) =>
            At > before && Of.IsSame(retention) && (!mayRemove || sequence < Sequence);
    }
}
