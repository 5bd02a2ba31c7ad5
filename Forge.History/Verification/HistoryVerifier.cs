using Forge.History.Stores;
using Forge.Identity;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.History.Verification;

/// <summary>Verifies sessions from one snapshot each, in bounded memory. Safe for concurrent use.</summary>
internal sealed class HistoryVerifier(IVerification verification)
{
    /// <summary>Verifies a session.</summary>
    /// <param name="address">The session.</param>
    /// <param name="anchors">Anchors to hold against its chain.</param>
    /// <param name="pace">Is told the bytes that each read brought, and may wait; null to go as fast as it can.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind.</param>
    /// <returns>What was found; null if nothing was ever saved in the session, or it is deleted.</returns>
    public async Task<VerifyResult?> VerifyAsync(
        SessionAddress address, IReadOnlyList<Anchor> anchors, Func<long, ValueTask>? pace, CancellationToken cancellationToken)
    {
        await using var stored = await verification.OpenStoredAsync(address, cancellationToken);
        return stored is null
            ? null
            : await new SessionAudit(address, stored, anchors, pace).RunAsync(cancellationToken);
    }
}
