using Forge.Claims;
using Forge.Errors;

namespace Forge.Client;

public sealed partial class SessionHandle
{
    /// <summary>The epoch of the claim that every change of this handle is made under; null for none.</summary>
    public long? Epoch { get; private init; }

    /// <summary>
    /// Claims the session, and takes it from whoever had claimed it: from then on it refuses every change that is not made by the handle
    /// that this answers with. Makes the session if it does not exist.
    /// </summary>
    /// <param name="owner">Who claims it, for others to see: 1 to 200 characters, no NUL.</param>
    /// <param name="lease">
    /// How long others leave it alone that claim it <paramref name="ifFree"/>; from 1 second to 30 days (by default). Null for as long as it
    /// is not released.
    /// </param>
    /// <param name="ifFree">True to claim it only if nobody has it, or the lease of who has it ran out.</param>
    /// <param name="options">The request id; null to have one made.</param>
    /// <param name="cancellationToken">Gives up waiting; the session may have been claimed all the same.</param>
    /// <returns>A handle to the same session that sends the claim's epoch with each change. This one stays as it is.</returns>
    /// <exception cref="InvalidRequestException">The owner is empty or holds a NUL, or the lease is too short.</exception>
    /// <exception cref="OverLimitException">The owner or the lease is too long.</exception>
    /// <exception cref="SessionClaimedException">It was to be claimed only if it is free, and it is not.</exception>
    /// <exception cref="SessionDeletedException">The session was deleted.</exception>
    public async Task<SessionHandle> ClaimAsync(
        string owner,
        TimeSpan? lease = null,
        bool ifFree = false,
        ChangeOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var claim = await WithEpoch(null).RunAsync(new ClaimSession(owner, lease, ifFree), options, cancellationToken);
        return WithEpoch(claim.Epoch);
    }

    /// <summary>
    /// A handle to the same session whose changes are made under a claim that is known from elsewhere, as from another process of the same
    /// worker. Makes no call.
    /// </summary>
    /// <param name="epoch">The epoch of the claim; null for none.</param>
    public SessionHandle WithEpoch(long? epoch) =>
        new(Address, _grains, _retrier, _serializer, _time, _sentStates, _anchors, _branch) { Epoch = epoch };

    /// <summary>Lets the lease of the claim of this handle begin anew. The epoch stays.</summary>
    /// <param name="lease">How long from now: from 1 second to 30 days (by default).</param>
    /// <param name="options">The request id; null to have one made.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidRequestException">The handle has no claim, or the lease is too short.</exception>
    /// <exception cref="OverLimitException">The lease is too long.</exception>
    /// <exception cref="ClaimSupersededException">The claim is over.</exception>
    public Task<SessionClaim> RenewAsync(
        TimeSpan lease, ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(new RenewClaim(lease), options, cancellationToken);

    /// <summary>Ends the claim of this handle, all changes of which are refused from then on. Others are taken without a claim.</summary>
    /// <exception cref="InvalidRequestException">The handle has no claim.</exception>
    /// <exception cref="ClaimSupersededException">The claim is over already.</exception>
    public Task ReleaseAsync(ChangeOptions? options = null, CancellationToken cancellationToken = default) =>
        RunAsync(new ReleaseClaim(), options, cancellationToken);

    /// <summary>Who has claimed the session now, and under which epoch; null if the session is not there.</summary>
    public Task<SessionClaim?> GetClaimAsync(CancellationToken cancellationToken = default) =>
        RunAsync(new GetClaim(), cancellationToken);
}
