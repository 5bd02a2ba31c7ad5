using Forge.Errors;
using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.History.Encryption;

/// <summary>Seals what commits hold before they are written. One whose values cannot be sealed fails alone, and holds up no others.</summary>
internal sealed class SealedCommits(IHistoryCommits inner, Seals seals) : IHistoryCommits
{
    public bool HasOneWriter => inner.HasOneWriter;

    public CommitOutcome? NoRoom => inner.NoRoom;

    public ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken) => inner.NextSessionKeyAsync(cancellationToken);

    public async Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        var (outcomes, sealedOnes) = (new CommitOutcome[batch.Commits.Count], new List<SessionCommit>(batch.Commits.Count));
        var places = new List<int>(batch.Commits.Count);
        for (var i = 0; i < outcomes.Length; i++)
        {
            var commit = batch.Commits[i];
            try
            {
                // What has nothing to seal, as a deletion, needs no key.
                sealedOnes.Add(SessionSeal.IsFor(commit)
                    ? (await seals.ToSealAsync(commit.Address, cancellationToken)).Seal(commit)
                    : commit);
                places.Add(i);
            }
            catch (ForgeException exception)
            {
                outcomes[i] = new CommitOutcome(CommitStatus.Unavailable, exception);
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
