using Forge.Checkpoints;
using Forge.History.Chain;
using Forge.History.Retention;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.History.Encryption;

/// <summary>Opens what was sealed of what reads of one session answer. What is plain is passed on as it is, without a key.</summary>
internal sealed class OpenedReads(ISessionReads inner, Seals seals) : ISessionReads
{
    public Task<HeadRead?> ReadHeadAsync(SessionAddress address, CancellationToken cancellationToken) =>
        inner.ReadHeadAsync(address, cancellationToken);

    public Task<IReadOnlyDictionary<long, long>> ReadVersionsAsync(IReadOnlyCollection<long> keys, CancellationToken cancellationToken) =>
        inner.ReadVersionsAsync(keys, cancellationToken);

    public ValueTask<int> CountDestroyedKeysAsync(TenantId tenant, CancellationToken cancellationToken) =>
        seals.CountDestroyedAsync(tenant, cancellationToken);

    public async Task<Versioned<CheckpointRead?>> ReadCheckpointAsync(
        SessionAddress address, CheckpointReference checkpoint, CheckpointParts parts, CancellationToken cancellationToken)
    {
        var read = await inner.ReadCheckpointAsync(address, checkpoint, parts, cancellationToken);
        return read.Value is { } found && (SealedMarks.AnySealed(found.State) || SealedMarks.AnySealed(found.Annotations))
            ? read.With<CheckpointRead?>(await seals.OpenAsync(
                address,
                seal => found with
                {
                    Row = seal.Open(found.Row),
                    Bases = seal.Open(found.Bases),
                    Annotations = seal.Open(found.Row.Sequence, found.Annotations),
                },
                cancellationToken))
            : read;
    }

    public async Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadCheckpointsAsync(
        SessionAddress address, IReadOnlyList<CheckpointReference> checkpoints, CancellationToken cancellationToken) =>
        await OpenAsync(address, await inner.ReadCheckpointsAsync(address, checkpoints, cancellationToken), cancellationToken);

    public Task<Versioned<CheckpointPointer?>> ReadNearestAsync(SessionAddress address, long sequence, CancellationToken cancellationToken) =>
        inner.ReadNearestAsync(address, sequence, cancellationToken);

    public async Task<Versioned<IReadOnlyList<StoredCheckpoint>>> ReadAncestorsAsync(
        SessionAddress address, long sequence, int limit, CancellationToken cancellationToken) =>
        await OpenAsync(address, await inner.ReadAncestorsAsync(address, sequence, limit, cancellationToken), cancellationToken);

    public Task<Versioned<IReadOnlyDictionary<long, long>>> ReadKeptAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken) =>
        inner.ReadKeptAsync(address, sequences, cancellationToken);

    public async Task<Versioned<CheckpointList>> ListAsync(SessionAddress address, ListFilter filter, CancellationToken cancellationToken)
    {
        var read = await inner.ListAsync(address, filter, cancellationToken);
        return SealedMarks.AnySealed(read.Value)
            ? read.With(new CheckpointList(
                await seals.OpenAsync(address, IReadOnlyList<StoredCheckpoint> (seal) => [.. read.Value.Select(seal.OpenToList)], cancellationToken),
                read.Value.GoesOnAfter))
            : read;
    }

    public async Task<Versioned<IReadOnlyList<StoredState>>> ReadStatesAsync(
        SessionAddress address, IReadOnlyList<long> sequences, CancellationToken cancellationToken)
    {
        var read = await inner.ReadStatesAsync(address, sequences, cancellationToken);
        return read.Value.Any(SealedMarks.AnySealed)
            ? read.With(await seals.OpenAsync(
                address, IReadOnlyList<StoredState> (seal) => [.. read.Value.Select(seal.OpenToDecode)], cancellationToken))
            : read;
    }

    public async Task<Versioned<EarlierAttempts>> ReadAttemptsAsync(
        SessionAddress address, IReadOnlyList<Guid> requests, CancellationToken cancellationToken)
    {
        var read = await inner.ReadAttemptsAsync(address, requests, cancellationToken);
        var (rows, remembered) = read.Value;
        return SealedMarks.AnySealed(rows) || remembered.Any(SealedMarks.IsSealed)
            ? read.With(await seals.OpenAsync(
                address, seal => new EarlierAttempts([.. rows.Select(seal.Open)], [.. remembered.Select(seal.Open)]), cancellationToken))
            : read;
    }

    public Task<Versioned<CompactionSurvey>> SurveyAsync(
        SessionAddress address, RetentionPolicy policy, DateTimeOffset now, CancellationToken cancellationToken) =>
        inner.SurveyAsync(address, policy, now, cancellationToken);

    public Task<TipsRead?> ReadTipsAsync(SessionAddress address, int limit, CancellationToken cancellationToken) =>
        inner.ReadTipsAsync(address, limit, cancellationToken);

    public Task<IHistorySnapshot?> OpenSnapshotAsync(SessionAddress address, CancellationToken cancellationToken) =>
        inner.OpenSnapshotAsync(address, cancellationToken);

    private async ValueTask<Versioned<IReadOnlyList<StoredCheckpoint>>> OpenAsync(
        SessionAddress address, Versioned<IReadOnlyList<StoredCheckpoint>> read, CancellationToken cancellationToken) =>
        SealedMarks.AnySealed(read.Value)
            ? read.With(await seals.OpenAsync(
                address, IReadOnlyList<StoredCheckpoint> (seal) => [.. read.Value.Select(seal.Open)], cancellationToken))
            : read;
}
