using Forge.History.Changes;
using Forge.History.Rows;
using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

/// <summary>Writes one session as a single writer would: keeps the head row and commits the next one.</summary>
internal sealed class SessionScript(IHistoryStore store, SessionAddress address)
{
    public SessionAddress Address => address;

    /// <summary>The head as it was last committed; null before.</summary>
    public SessionHead? Head { get; private set; }

    public long Key => Head!.Key;

    /// <summary>The next commit, with nothing in it but what creating <paramref name="creates"/> does to the head.</summary>
    public async Task<SessionCommit> NextAsync(params StoredCheckpoint[] creates)
    {
        var head = Head ?? new SessionHead
        {
            Key = await store.Commits.NextSessionKeyAsync(TestContext.Current.CancellationToken),
            Version = 0,
            CreatedAt = HistoryRows.Start,
        };
        var next = head with { Version = head.Version + 1, LastBatch = Guid.Empty };
        foreach (var row in creates)
        {
            next = next with
            {
                LastCreatedAt = row.CreatedAt,
                LastSequence = row.Sequence,
                Head = row.Sequence,
                Current = row.Sequence,
                LastPosition = Math.Max(next.LastPosition, row.Position),
                Count = next.Count + 1,
                Bytes = next.Bytes + row.Size,
            };
        }

        return new SessionCommit
        {
            Address = address,
            ExpectedVersion = head.Version,
            Head = next,
            Changes = [.. creates.Select(row => new Created(row))],
        };
    }

    public async Task CreateAsync(params StoredCheckpoint[] creates) => await CommitAsync(await NextAsync(creates));

    public async Task CommitAsync(Func<SessionCommit, SessionCommit> change) => await CommitAsync(change(await NextAsync()));

    /// <summary>Commits what has to succeed.</summary>
    public async Task CommitAsync(SessionCommit commit)
    {
        var batch = Batch(commit);
        var outcome = Assert.Single(await store.Commits.CommitAsync(batch, TestContext.Current.CancellationToken));
        Assert.Equal(CommitStatus.Committed, outcome.Status);
        Took(batch);
    }

    /// <summary>Takes note that this session's commit of a batch is durable.</summary>
    public void Took(CommitBatch batch) =>
        Head = batch.Commits.Single(c => c.Address == address).Head with { LastBatch = batch.Id };

    /// <summary>A batch of a new id, its commits by rising key.</summary>
    public static CommitBatch Batch(params SessionCommit[] commits) =>
        new(Guid.NewGuid(), [.. commits.OrderBy(c => c.Head.Key)]);
}

/// <summary>Commits as tests make and read them.</summary>
internal static class ScriptedCommits
{
    extension(SessionCommit commit)
    {
        /// <summary>The checkpoints that it creates.</summary>
        public IReadOnlyList<StoredCheckpoint> Creates => [.. commit.Changes.OfType<Created>().Select(c => c.Row)];

        /// <summary>The events that it logs.</summary>
        public IEnumerable<SessionEvent> Events => commit.Changes.OfType<Logged>().Select(c => c.Event);

        /// <summary>The same with more changes behind those that it has.</summary>
        public SessionCommit Having(params SessionChange[] more) => commit with { Changes = [.. commit.Changes, .. more] };
    }
}
