using Forge.Errors;
using Forge.Grains.Compaction;
using Forge.Grains.Retention;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Sessions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;

namespace Forge.Grains.Upkeep;

/// <summary>Has sessions apply their policies and times to live, each through its own grain.</summary>
internal sealed partial class RetainHandler(
    IUpkeep upkeep, IGrainFactory grains, WorkClaims claims, IOptions<RetentionOptions> options, IHostApplicationLifetime lifetime,
    ILogger<RetainHandler> logger) : IDueWorkHandler
{
    /// <summary>How many sessions of one step are at it at once, so that their commits are grouped.</summary>
    private const int AtOnce = 8;

    public DueWorkKind Kind => DueWorkKind.Retain;

    public IDueWorkTurn Begin() => new Turn(this, lifetime.ApplicationStarted.IsCancellationRequested);

    /// <summary>Takes a step: the few sessions that have been due the longest.</summary>
    /// <returns>Whether there was one; and whether the database does its work, so that another step makes sense.</returns>
    private async Task<(bool Any, bool Well)> StepAsync(CancellationToken cancellationToken)
    {
        var (due, outcomes) = (new List<Task<bool>>(AtOnce), Array.Empty<bool>());
        try
        {
            while (due.Count < AtOnce && await claims.ClaimAsync(Kind, cancellationToken) is { } claimed)
            {
                due.Add(ApplyAsync(claimed.Work, cancellationToken));
            }
        }
        finally
        {
            // Also if a claim failed: what was begun is not left behind by its sweep.
            outcomes = await Task.WhenAll(due);
        }

        return (due.Count > 0, outcomes.All(well => well));
    }

    private async Task<bool> ApplyAsync(DueWork work, CancellationToken cancellationToken)
    {
        try
        {
            var again = await upkeep.ReadAddressAsync(work.SessionKey, cancellationToken) is { } session
                ? await grains.GetGrain<ISessionGrain>(session.ToGrainKey()).RunAsync(new ApplyRetention(), cancellationToken)
                : null;
            await upkeep.FinishWorkAsync(work, claims.Next(again), claims.Now + options.Value.PolicyInterval, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One session's trouble is not its neighbours'.
            LogFailed(work.SessionKey, exception);
            return await TryPutOffAsync(work, cancellationToken);
        }
    }

    /// <summary>False if the database is in trouble; then the work is tried again when its claim has run out.</summary>
    private async Task<bool> TryPutOffAsync(DueWork work, CancellationToken cancellationToken)
    {
        try
        {
            await claims.PutOffAsync(work, cancellationToken);
            return true;
        }
        catch (UnavailableException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "The retention of the session with key {SessionKey} was not applied; it is tried again later")]
    private partial void LogFailed(long sessionKey, Exception exception);

    /// <param name="handler">The handler.</param>
    /// <param name="goesOn">False as long as the silo takes no calls, and when the database was in trouble.</param>
    private sealed class Turn(RetainHandler handler, bool goesOn) : IDueWorkTurn
    {
        private bool _goesOn = goesOn;

        public async Task<bool> StepAsync(CancellationToken cancellationToken)
        {
            if (!_goesOn)
            {
                return false;
            }

            (var any, _goesOn) = await handler.StepAsync(cancellationToken);
            return any;
        }
    }
}
