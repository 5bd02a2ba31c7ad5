using System.Runtime.CompilerServices;
using Forge.Errors;
using Forge.Grains.Rules;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<VerifyResult> VerifyAsync(
        IReadOnlyList<Anchor> anchors, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        AnchorRules.Require(anchors);
        using var slot = _services.Slots.EnterExport();

        // It reads the database and nothing that this grain holds: off its turn, so that creates go on beside it.
        yield return await Task.Run(() => _services.Verifier.VerifyAsync(_address, anchors, pace: null, cancellationToken), CancellationToken.None)
            ?? throw ((await _session.Reads.ReadHeadAsync(_address, cancellationToken))?.Head.DeletedAt is null
                ? new SessionNotFoundException(_address)
                : new SessionDeletedException(_address));
    }
}
