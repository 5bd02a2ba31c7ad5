using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.Benchmarks.Micro;

/// <summary>Commits nothing and says that it did. The writer that is measured asks for nothing else.</summary>
internal sealed class NoCommits : IHistoryCommits
{
    public bool HasOneWriter => false;

    public CommitOutcome? NoRoom => null;

    public Task<IReadOnlyList<CommitOutcome>> CommitAsync(CommitBatch batch, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CommitOutcome>>(new CommitOutcome[batch.Commits.Count]);

    public ValueTask<long> NextSessionKeyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<CommitOutcome>> FindOutAsync(CommitBatch batch, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
