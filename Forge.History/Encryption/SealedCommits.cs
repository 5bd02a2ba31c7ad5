using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.History.Encryption;

/// <summary>Seals what commits hold before they are written. One whose values cannot be sealed fails alone, and holds up no others.</summary>
internal sealed class SealedCommits(IHistoryCommits inner, Seals seals) : IHistoryCommits
{
    public bool HasOneWriter => inner.HasOneWriter;

    public CommitOutcome? NoRoom => inner.NoRoom;

    public ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken) => inner.NextSessionKeyAsync(cancellationToken);

    public async ValueTask PrepareAsync(SessionCommit commit, CancellationToken cancellationToken)
    {
        if (SessionSeal.IsFor(commit))
        {
            _ = await seals.ToSealAsync(commit.Address, cancellationToken);
        }

        await inner.PrepareAsync(commit, cancellationToken);
    }

    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        var (outcomes, sealedOnes) = (new CommitOutcome[batch.Commits.Count], new List<SessionCommit>(batch.Commits.Count));
        var places = new List<int>(batch.Commits.Count);
        Dictionary<TenantId, Exception>? failures = null;
        for (var i = 0; i < outcomes.Length; i++)
        {
            var commit = batch.Commits[i];

            // Once in a batch is a tenant's provider waited for, not for each of its commits.
            if (failures?.GetValueOrDefault(commit.Address.Tenant) is { } failure && SessionSeal.IsFor(commit))
            {
                outcomes[i] = new CommitOutcome(CommitStatus.Unavailable, failure);
                continue;
            }

            try
            {
                // What has nothing to seal, as a deletion, needs no key.
                var seal = SessionSeal.IsFor(commit) ? await seals.ToSealAsync(commit.Address, cancellationToken) : null;
                if (seal is not null && commit.DestroyedKeys is { } known && known != seal.Destroyed)
                {
                    outcomes[i] = new CommitOutcome(CommitStatus.Unavailable, new UnavailableException(
                        $"Data keys of tenant {commit.Address.Tenant} were destroyed while session {commit.Address} was written; nothing was changed."));
                    continue;
                }

                sealedOnes.Add(seal?.Seal(commit) ?? commit);
                places.Add(i);
            }
            catch (Exception exception) when (!(exception is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                outcomes[i] = new CommitOutcome(CommitStatus.Unavailable, exception);
                (failures ??= [])[commit.Address.Tenant] = exception;
            }
        }

        var written = sealedOnes.Count == 0 ? [] : await inner.CommitAsync(batch with { Commits = sealedOnes }, cancellationToken);
        for (var i = 0; i < written.Count; i++)
        {
            outcomes[places[i]] = written[i];
        }

        return outcomes;
    }

    public Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken) =>
        inner.FindOutAsync(batch, cancellationToken);
}
