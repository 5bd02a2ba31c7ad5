using Forge.Checkpoints;
using Forge.Errors;
using Forge.Grains.Retention;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Sessions;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <summary>How long one call of an erasure removes rows before it answers that it is under way.</summary>
    private static readonly TimeSpan ErasurePatience = TimeSpan.FromSeconds(10);

    private EffectiveRetention? _retention;
    private string? _retentionSettings;
    private DateTimeOffset _retentionReadAt;
    private DateTimeOffset? _retentionNotedAt;

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ApplyRetentionAsync(CancellationToken cancellationToken)
    {
        // The work that was noted last may be the very one that this call is for, and end with it: what is created from
        // here on notes its own.
        _retentionNotedAt = null;
        if (await Store.ReadHeadAsync(_address, CancellationToken.None) is not { Head: { DeletedAt: null } head })
        {
            return null;
        }

        RequireNotOvertaken(head.Version);
        var retention = await ReadRetentionAsync(head.Settings);
        if (retention.ExpiresAt(head.CreatedAt, head.LastCreatedAt) <= Now && await ExpireAsync(retention.TimeToLive!.Value))
        {
            return null;
        }

        var ages = retention.MayRemove(head.Count) ? await ApplyPolicyAsync(retention.Policy!) : null;
        var expires = retention.ExpiresAt(head.CreatedAt, Engine.Committed?.Head.LastCreatedAt ?? head.LastCreatedAt);
        return Earliest(ages, expires);
    }

    /// <inheritdoc/>
    public async Task<ErasureStatus> EraseSessionAsync(CancellationToken cancellationToken)
    {
        await DeleteSessionAsync(default, cancellationToken);
        if (await Store.ReadHeadAsync(_address, cancellationToken) is not { } tombstone)
        {
            return ErasureStatus.NotFound;
        }

        // Whoever else has claimed the work may do the same steps beside this: each is done once.
        var began = _services.Time.GetTimestamp();
        while (await _services.Upkeep.FindDueWorkAsync(DueWorkKind.Erase, tombstone.Head.Key, cancellationToken) is { } work)
        {
            while (!await _services.Upkeep.DoWorkAsync(work, _services.Options.Retention.SweepRows, Now, cancellationToken))
            {
                if (_services.Time.GetElapsedTime(began) > ErasurePatience)
                {
                    return ErasureStatus.UnderWay;
                }
            }
        }

        LogErased(_address);
        return ErasureStatus.Erased;
    }

    /// <summary>The retention that holds, at most as old as the interval in which it is applied.</summary>
    private async ValueTask<EffectiveRetention> RetentionAsync()
    {
        var settings = Engine.Committed?.Head.Settings;
        if (_retention is null || Now - _retentionReadAt >= _services.Options.Retention.PolicyInterval
            || !ReferenceEquals(settings, _retentionSettings))
        {
            _retention = await ReadRetentionAsync(settings);
            (_retentionSettings, _retentionReadAt) = (settings, Now);
        }

        return _retention;
    }

    private async ValueTask<EffectiveRetention> ReadRetentionAsync(string? settings) => EffectiveRetention.Of(
        SessionSettingsJson.Read(settings),
        await _services.Tenants.GetAsync(_address.Tenant),
        _services.Options.Retention);

    /// <summary>
    /// The work to note with creates; null where they give nothing to do, or where work that will see them was noted. It is
    /// due an interval later, so that one piece of it serves all the creates in between.
    /// </summary>
    private Due? RetentionWork(EffectiveRetention retention, int creates, DateTimeOffset now) =>
        (retention.TimeToLive is not null || retention.MayRemove(Engine.ProjectedCount + creates))
        && (_retentionNotedAt is not { } noted || now - noted >= _services.Options.Retention.PolicyInterval)
            ? new Due(DueWorkKind.Retain, RetentionDue(now))
            : null;

    private DateTimeOffset RetentionDue(DateTimeOffset now) =>
        (now + _services.Options.Retention.PolicyInterval).ToMicroseconds();

    /// <summary>Counts the interval from when work was noted; not where the commit that notes it fails.</summary>
    private void NoteRetentionWork(PendingChange change, DateTimeOffset now)
    {
        if (change.Notes(DueWorkKind.Retain))
        {
            _retentionNotedAt = now;
        }
    }

    private void ForgetRetentionWork(PendingChange change)
    {
        if (change.Notes(DueWorkKind.Retain) && change.Outcome.Status != CommitStatus.Committed)
        {
            _retentionNotedAt = null;
        }
    }

    private async Task<bool> ExpireAsync(TimeSpan timeToLive)
    {
        using var admission = _services.Budget.Enter(_load, 1, ChangeWeight);
        using var pass = await _gate.EnterExclusiveAsync();
        var expired = await DecideAsync<Flag>(default, "expire", "", _ => Task.FromResult<Flag?>(null), _ =>
        {
            var decision = Engine.Expire(timeToLive, Now);
            return Task.FromResult(new Step<Flag>(decision, () => new Flag(decision.Verdict == Verdict.Accepted)));
        });
        if (expired.Value)
        {
            LogExpired(_address, timeToLive);
        }

        return expired.Value;
    }

    /// <summary>Compacts, and says when the oldest checkpoint that stays for its age alone is too old; null for none.</summary>
    private async Task<DateTimeOffset?> ApplyPolicyAsync(RetentionPolicy policy)
    {
        var plan = await CompactAsync(_services.Rules.CheckPolicy(policy), dryRun: false, default);
        if (plan.Result.Deleted > 0)
        {
            LogCompacted(_address, plan.Result.Deleted, plan.Result.FreedBytes);
        }

        return policy.KeepYoungerThan is { } age && plan.Ageing > 0
            && await ReadRowAsync(plan.Ageing, CheckpointParts.Summary) is { Value: { } row }
            ? row.CreatedAt + age
            : null;
    }

    private static DateTimeOffset? Earliest(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other : one;

    [LoggerMessage(LogLevel.Debug, "Session {Session}: {Deleted} checkpoints of {FreedBytes} stored bytes went by its policy")]
    private partial void LogCompacted(Identity.SessionAddress session, long deleted, long freedBytes);

    [LoggerMessage(LogLevel.Information, "Session {Session} is deleted: nothing was created in it for {TimeToLive}")]
    private partial void LogExpired(Identity.SessionAddress session, TimeSpan timeToLive);

    [LoggerMessage(LogLevel.Information, "Session {Session} is erased")]
    private partial void LogErased(Identity.SessionAddress session);

    private sealed record Flag(bool Value);
}
