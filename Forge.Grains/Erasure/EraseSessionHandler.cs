using Forge.Grains.Sessions;
using Forge.History.Changes;
using Forge.History.Rows;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Erasure;

internal sealed partial class EraseSessionHandler : OperationHandler<EraseSession, ErasureStatus>
{
    /// <summary>How long one call removes rows before it answers that the erasure is under way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected override async Task<ErasureStatus> RunAsync(
        LiveSession session, EraseSession operation, CancellationToken cancellationToken)
    {
        await session.RunAsync(new DeleteSession { Epoch = operation.Epoch }, cancellationToken);
        if (await session.Reads.ReadHeadAsync(session.Address, cancellationToken) is not { } tombstone)
        {
            return ErasureStatus.NotFound;
        }

        // Whoever else has claimed the work may do the same steps beside this: each is done once.
        var (services, upkeep) = (session.Services, session.Services.Upkeep);
        var began = services.Time.GetTimestamp();
        while (await upkeep.FindDueWorkAsync(DueWorkKind.Erase, tombstone.Head.Key, cancellationToken) is { } work)
        {
            while (!await upkeep.DoWorkAsync(work, services.Retention.SweepRows, session.Now, cancellationToken))
            {
                if (services.Time.GetElapsedTime(began) > Patience)
                {
                    return ErasureStatus.UnderWay;
                }
            }
        }

        LogErased(session.Logger, session.Address);
        return ErasureStatus.Erased;
    }

    [LoggerMessage(LogLevel.Information, "Session {Session} is erased")]
    private static partial void LogErased(ILogger logger, SessionAddress session);
}
