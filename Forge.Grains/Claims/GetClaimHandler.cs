using Forge.Claims;
using Forge.Grains.Sessions;

namespace Forge.Grains.Claims;

internal sealed class GetClaimHandler : OperationHandler<GetClaim, SessionClaim?>
{
    protected override async Task<SessionClaim?> RunAsync(LiveSession session, GetClaim operation, CancellationToken cancellationToken)
    {
        var read = await session.Reads.ReadHeadAsync(session.Address, cancellationToken);
        session.NoteVersion(read?.Head.Version ?? 0);
        return read is { Head: { DeletedAt: null } head } ? SessionEngine.ClaimOf(head) : null;
    }
}
