using Forge.Claims;
using Forge.Errors;
using Forge.Grains.Sessions;

namespace Forge.Grains.Claims;

internal sealed class GetClaimHandler : OperationHandler<GetClaim, SessionClaim?>
{
    protected override async Task<SessionClaim?> RunAsync(LiveSession session, GetClaim operation, CancellationToken cancellationToken)
    {
        var read = await session.Reads.ReadHeadAsync(session.Address, cancellationToken);
        session.NoteVersion(read?.Head.Version ?? 0);
        return read is not { Head: var head } ? null
            : head.DeletedAt is null ? SessionEngine.ClaimOf(head) with { Anchor = SessionEngine.AnchorOf(head) }
            : throw new SessionDeletedException(session.Address);
    }
}
