using Forge.Errors;
using Forge.Grains.Sessions;
using Forge.Sessions;

namespace Forge.Grains.Settings;

internal sealed class GetSessionHandler : OperationHandler<GetSession, SessionInfo?>
{
    protected override async Task<SessionInfo?> RunAsync(
        LiveSession session, GetSession operation, CancellationToken cancellationToken)
    {
        var links = await session.Services.Forks.ReadLinksAsync(session.Address, SessionInfoReader.MostForks, cancellationToken);
        session.NoteVersion(links?.Read.Head.Version ?? 0);
        return links is null ? null
            : links.Read.Head.DeletedAt is null ? SessionInfoReader.ToInfo(session.Address, links)
            : throw new SessionDeletedException(session.Address);
    }
}
