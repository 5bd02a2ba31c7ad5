using Forge.Grains.Sessions;
using Forge.Identity;
using Forge.Sessions;
using Microsoft.Extensions.Logging;

namespace Forge.Grains.Erasure;

internal sealed partial class EraseSessionHandler : OperationHandler<EraseSession, ErasureStatus>
{
    protected override async Task<ErasureStatus> RunAsync(
        LiveSession session, EraseSession operation, CancellationToken cancellationToken)
    {
        await session.RunAsync(new DeleteSession { Epoch = operation.Epoch, Request = operation.Deletion }, cancellationToken);
        if (await session.Reads.ReadHeadAsync(session.Address, cancellationToken) is not { } tombstone)
        {
            return ErasureStatus.NotFound;
        }

        if (!await Removal.FinishAsync(session, tombstone.Head.Key, cancellationToken))
        {
            return ErasureStatus.UnderWay;
        }

        if (tombstone.Head.DeletedAt is null)
        {
            // It lives again, and what the life before held is gone.
            return ErasureStatus.Erased;
        }

        LogErased(session.Logger, session.Address);
        return ErasureStatus.Erased;
    }

    [LoggerMessage(LogLevel.Information, "Session {Session} is erased")]
    private static partial void LogErased(ILogger logger, SessionAddress session);
}
