using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Settings;

internal sealed class GetSessionHandler : OperationHandler<GetSession, SessionInfo?>
{
    protected override async Task<SessionInfo?> RunAsync(
        LiveSession session, GetSession operation, CancellationToken cancellationToken)
    {
        var read = await session.Reads.ReadHeadAsync(session.Address, cancellationToken);
        session.NoteVersion(read?.Head.Version ?? 0);
        return read is { Head.DeletedAt: null } ? SessionInfoReader.ToInfo(session.Address, read) : null;
    }
}
