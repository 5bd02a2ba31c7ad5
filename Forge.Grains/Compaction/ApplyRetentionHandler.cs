using Forge.Grains.Retention;
using Forge.Grains.Sessions;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Compaction;

internal sealed partial class ApplyRetentionHandler : OperationHandler<ApplyRetention, DateTimeOffset?>
{
    protected override async Task<DateTimeOffset?> RunAsync(
        LiveSession session, ApplyRetention operation, CancellationToken cancellationToken)
    {
        session.Retention.Forget();
        if (await session.ReadHeadAsync() is not { Head: { DeletedAt: null } head })
        {
            return null;
        }

        var retention = await session.Retention.ReadFreshAsync(head.Settings);
        var importedAt = retention.TimeToLive is null
            ? null
            : await session.Services.Upkeep.ReadImportedAtAsync(head.Key, cancellationToken);
        if (retention.ExpiresAt(head.CreatedAt, head.LastCreatedAt, importedAt) <= session.Services.Clock.Now
            && await ExpireAsync(session, operation))
        {
            return null;
        }

        // What stays for its effects is looked at again when some of them may have gone.
        var stays = session.Engine.Committed?.Head.HasEffects is true ? session.Services.Clock.Now + EffectiveRetention.LongestWait : default;
        var removal = retention.MayRemove(head.Count) ? await ApplyPolicyAsync(session) : null;
        var expires = retention.ExpiresAt(
            head.CreatedAt, session.Engine.Committed?.Head.LastCreatedAt ?? head.LastCreatedAt, importedAt);
        expires = expires < stays ? stays : expires;
        var again = removal is null || expires < removal.Value.At ? expires : removal.Value.At;
        session.Retention.Expect(retention, again, removal?.Sequence);
        return again;
    }

    private static async Task<bool> ExpireAsync(LiveSession session, ApplyRetention operation)
    {
        TimeSpan? timeToLive = null;
        var expired = await ChangeRunner.RunAsync(
            session,
            exclusive: true,
            RequestMemory.Of(session.Address, operation, default),
            _ => Task.FromResult(default(Recalled<bool>)),
            async _ =>
            {
                // All of it once more, now that neither an import nor other settings can take effect meanwhile.
                var head = session.Engine.Committed?.Head;
                timeToLive = (await session.Retention.ReadFreshAsync(head?.Settings)).TimeToLive;
                var importedAt = head is null ? null : await session.Services.Upkeep.ReadImportedAtAsync(head.Key, CancellationToken.None);
                var decision = timeToLive is { } life
                    ? session.Engine.Expire(life, importedAt, session.Services.Clock.Now)
                    : new Decision(Verdict.NotTaken);
                return new Step<bool>(decision, () => decision.Verdict == Verdict.Accepted);
            },
            Authority.AboveClaims);
        if (expired)
        {
            LogExpired(session.Logger, session.Address, timeToLive!.Value);
        }

        return expired;
    }

    /// <summary>Compacts, and says when there may be something to remove again; null for not before there are more.</summary>
    private static async Task<NextRemoval?> ApplyPolicyAsync(LiveSession session)
    {
        RetentionPolicy? policy = null;
        var began = session.WorkTime;
        var plan = await CompactSessionHandler.CompactAsync(session, new CompactSession(Policy: null), Authority.AboveClaims, async () =>
            policy = (await session.Retention.ReadFreshAsync(session.Engine.Committed?.Head.Settings)).Policy);
        if (plan.Result.Deleted > 0)
        {
            LogCompacted(session.Logger, session.Address, plan.Result.Deleted, plan.Result.FreedBytes);
        }

        return policy is not null && new EffectiveRetention(policy, TimeToLive: null).MayRemove(plan.Result.Remaining)
            ? NextRemoval.After(policy, plan, began)
            : null;
    }

    [LoggerMessage(LogLevel.Debug, "Session {Session}: {Deleted} checkpoints of {FreedBytes} stored bytes went by its policy")]
    private static partial void LogCompacted(ILogger logger, SessionAddress session, long deleted, long freedBytes);

    [LoggerMessage(LogLevel.Information, "Session {Session} is deleted: nothing was created in it for {TimeToLive}")]
    private static partial void LogExpired(ILogger logger, SessionAddress session, TimeSpan timeToLive);
}
