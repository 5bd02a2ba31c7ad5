using Forge.Checkpoints;
using Forge.Integrity;
using Forge.Operations;

namespace Forge.Grains.Sessions;

internal sealed partial class SessionGrain
{
    /// <inheritdoc/>
    public async Task ConfirmAsync(Anchor anchor, CancellationToken cancellationToken)
    {
        await _session.Anchors.RequireAsync(anchor);

        // What follows may read the database and not ask this activation, which knows nothing of a copy that was put back under it.
        await _session.RequireCurrentAsync();
    }

    // What a change is held against in memory is held against the database by its commit; a read has to be looked at behind it too. A call
    // whose anchor is known allocates nothing for it if it is a change.
    private Task<TResult> RunAnchoredAsync<TResult>(Operation<TResult> operation, CancellationToken cancellationToken) =>
        operation?.Anchor is not { } anchor ? _session.RunAsync(operation!, cancellationToken)
        : !operation.Changes ? ReadAnchoredAsync(anchor, operation, cancellationToken)
        : _session.Anchors.Has(anchor) ? _session.RunAsync(operation, cancellationToken)
        : ChangeAnchoredAsync(anchor, operation, cancellationToken);

    private Task<TResult> ReadAnchoredAsync<TResult>(Anchor anchor, Operation<TResult> operation, CancellationToken cancellationToken) =>
        _session.Anchors.ReadAsync(anchor, () => _session.RunAsync(operation, cancellationToken));

    private async Task<TResult> ChangeAnchoredAsync<TResult>(Anchor anchor, Operation<TResult> operation, CancellationToken cancellationToken)
    {
        await _session.Anchors.RequireAsync(anchor);
        return await _session.RunAsync(operation, cancellationToken);
    }

    private async Task<T> CreateAnchoredAsync<T>(
        Anchor anchor,
        IReadOnlyList<NewCheckpoint> checkpoints,
        bool isBatch,
        Func<IReadOnlyList<CreateResult>, T> answer,
        ReadOnlyMemory<byte> checksum)
    {
        await _session.Anchors.RequireAsync(anchor);
        return await CreateConfirmedAsync(checkpoints, isBatch, answer, checksum);
    }
}
