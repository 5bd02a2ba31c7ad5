using Forge.Client.Retries;
using Forge.Errors;
using Forge.Integrity;
using Forge.Sessions;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>
    /// Verifies all that is stored of the session against its hash chain, as it is at one instant: every edit, removal,
    /// insertion or swap made behind the service's back is found and located. Takes as long as reading all of it does; no
    /// deadline bounds it.
    /// </summary>
    /// <param name="anchors">Anchors from earlier answers, to be told whether the chain still goes through them; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SessionNotFoundException">Nothing was ever saved in it.</exception>
    /// <exception cref="SessionDeletedException">It is deleted.</exception>
    /// <exception cref="InvalidRequestException">An anchor has a bad position or value.</exception>
    /// <exception cref="OverLimitException">There are more than 1,000 anchors.</exception>
    public async Task<VerifyResult> VerifyAsync(
        IReadOnlyList<Anchor>? anchors = null, CancellationToken cancellationToken = default)
    {
        // It brings no anchor, so that its head may be of a log that does not contain what the client was told: it is not noted.
        var shape = new CallShape { Target = $"session {Address}", RetryWhen = (_, _) => true, HasDeadline = false };
        return await _retrier.RunAsync(
            shape,
            async (_, _) =>
            {
                await foreach (var result in Grain.VerifyAsync(anchors ?? [], cancellationToken).WithBatchSize(1))
                {
                    return result;
                }

                throw new UnavailableException($"The verification of session {Address} ended without a result.");
            },
            cancellationToken);
    }
}
