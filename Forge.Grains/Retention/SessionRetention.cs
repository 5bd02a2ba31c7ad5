using Forge.Grains.Hosting;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.Sessions;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Forge.Grains.Retention;

/// <summary>Has sessions apply their policies and times to live, each through its own grain.</summary>
internal sealed partial class SessionRetention(
    IUpkeep upkeep, IGrainFactory grains, RetentionOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>How many sessions of one step are at it at once, so that their commits are grouped.</summary>
    private const int AtOnce = 8;

    /// <summary>
    /// The longest time to the next look at a session, within which a default that was made stricter reaches it.
    /// </summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Takes a step: the few sessions that have been due the longest.</summary>
    /// <returns>Whether there was one; and whether all went well, so that another step makes sense.</returns>
    public async Task<(bool Any, bool Well)> StepAsync(string owner, CancellationToken cancellationToken)
    {
        var due = new List<Task<bool>>(AtOnce);
        while (due.Count < AtOnce && await upkeep.ClaimDueWorkAsync(
            DueWorkKind.Retain, owner, time.GetUtcNow(), options.WorkLease, cancellationToken) is { } work)
        {
            due.Add(ApplyAsync(work, cancellationToken));
        }

        var outcomes = await Task.WhenAll(due);
        return (due.Count > 0, outcomes.All(well => well));
    }

    private async Task<bool> ApplyAsync(DueWork work, CancellationToken cancellationToken)
    {
        try
        {
            var again = await upkeep.ReadAddressAsync(work.SessionKey, cancellationToken) is { } session
                ? await grains.GetGrain<ISessionGrain>(session.ToGrainKey()).RunAsync(new ApplyRetention(), cancellationToken)
                : null;
            await upkeep.FinishWorkAsync(work, Next(again), time.GetUtcNow() + options.PolicyInterval, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One session's trouble is not its neighbours'. It is tried again when the claim has run out.
            LogFailed(work.SessionKey, exception);
            return false;
        }
    }

    /// <summary>No sooner than an interval from now, so that a session of which something is always due goes in steps.</summary>
    private DateTimeOffset? Next(DateTimeOffset? again)
    {
        var now = time.GetUtcNow();
        return again is not { } due ? null
            : due < now + options.PolicyInterval ? now + options.PolicyInterval
            : due > now + LongestWait ? now + LongestWait
            : due;
    }

    [LoggerMessage(LogLevel.Warning, "The retention of the session with key {SessionKey} was not applied; it is tried again")]
    private partial void LogFailed(long sessionKey, Exception exception);
}
