using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Sessions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace Forge.Grains.Upkeep;

/// <summary>Has sessions tell their observers that a state is due, and record what was missed, each through its own grain.</summary>
internal sealed partial class RemindWork(
    IUpkeep upkeep, IGrainFactory grains, WorkClaims claims, IHostApplicationLifetime lifetime, ILogger<RemindWork> logger) : IDueWorkHandler
{
    /// <summary>How many sessions of one step are at it at once: their commits are grouped, and observers that are dead waited for once.</summary>
    private const int AtOnce = 16;

    public DueWorkKind Kind => DueWorkKind.Remind;

    public IDueWorkTurn Begin() => new Turn(this, lifetime.ApplicationStarted.IsCancellationRequested);

    private async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        var due = new List<Task>(AtOnce);
        try
        {
            while (due.Count < AtOnce && await claims.ClaimAsync(Kind, cancellationToken) is { Work: var work })
            {
                due.Add(RemindAsync(work, cancellationToken));
            }
        }
        finally
        {
            // Also if a claim failed: what was begun is not left behind by its sweep.
            await Task.WhenAll(due);
        }

        return due.Count > 0;
    }

    private async Task RemindAsync(DueWork work, CancellationToken cancellationToken)
    {
        try
        {
            var again = await upkeep.ReadAddressAsync(work.SessionKey, cancellationToken) is { } session
                ? await grains.GetGrain<ISessionGrain>(session.ToGrainKey()).RunAsync(new Remind(), cancellationToken)
                : null;
            await upkeep.FinishWorkAsync(work, claims.NotLongAfter(again), claims.Now, cancellationToken);
        }
        catch (SessionDeletedException)
        {
            // Nothing is due of it any more.
            await upkeep.FinishWorkAsync(work, null, claims.Now, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One session's trouble is not its neighbours'.
            LogFailed(work.SessionKey, exception);
            await claims.PutOffAsync(work, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "What is due of the session with key {SessionKey} was not told; it is tried again later")]
    private partial void LogFailed(long sessionKey, Exception exception);

    /// <param name="work">The handler.</param>
    /// <param name="goesOn">False as long as the silo takes no calls.</param>
    private sealed class Turn(RemindWork work, bool goesOn) : IDueWorkTurn
    {
        public async Task<bool> StepAsync(CancellationToken cancellationToken) => goesOn && await work.StepAsync(cancellationToken);
    }
}
