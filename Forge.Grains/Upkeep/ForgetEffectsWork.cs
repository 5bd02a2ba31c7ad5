using Forge.Errors;
using Forge.Grains.Effects;
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

/// <summary>Has sessions remove settled effects that have the age for it, each through its own grain.</summary>
internal sealed partial class ForgetEffectsWork(
    IUpkeep upkeep, IGrainFactory grains, WorkClaims claims, IOptions<RetentionOptions> options, IHostApplicationLifetime lifetime,
    ILogger<ForgetEffectsWork> logger) : IDueWorkHandler
{
    public DueWorkKind Kind => DueWorkKind.ForgetEffects;

    public IDueWorkTurn Begin() => new Turn(this, lifetime.ApplicationStarted.IsCancellationRequested);

    private async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        if (await claims.ClaimAsync(Kind, cancellationToken) is not { Work: var work })
        {
            return false;
        }

        try
        {
            var again = await upkeep.ReadAddressAsync(work.SessionKey, cancellationToken) is { } session
                ? await grains.GetGrain<ISessionGrain>(session.ToGrainKey()).RunAsync(new ForgetEffects(), cancellationToken)
                : null;
            await upkeep.FinishWorkAsync(work, claims.Next(again), claims.Now + options.Value.PolicyInterval, cancellationToken);
        }
        catch (SessionDeletedException)
        {
            // What it had is erased with it.
            await upkeep.FinishWorkAsync(work, null, claims.Now + options.Value.PolicyInterval, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One session's trouble is not its neighbours'.
            LogFailed(work.SessionKey, exception);
            await claims.PutOffAsync(work, cancellationToken);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Old effects of the session with key {SessionKey} were not removed; it is tried again later")]
    private partial void LogFailed(long sessionKey, Exception exception);

    /// <param name="work">The handler.</param>
    /// <param name="goesOn">False as long as the silo takes no calls.</param>
    private sealed class Turn(ForgetEffectsWork work, bool goesOn) : IDueWorkTurn
    {
        public async Task<bool> StepAsync(CancellationToken cancellationToken) => goesOn && await work.StepAsync(cancellationToken);
    }
}
