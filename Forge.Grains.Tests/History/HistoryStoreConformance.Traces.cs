using Forge.History.Changes;
using Forge.History.Stores;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task Create_InATrace_KeepsItWhateverElseTheBatchHolds()
    {
        // New sessions, one create, many of them, and some with tags: each goes by a statement of its own.
        var sessions = Enumerable.Range(0, 8).Select(i => Session($"s{i}")).ToList();
        await CommitAsync(await CommitsAsync(1, i => i % 2 == 0));
        await CommitAsync((await CommitsAsync(2, _ => true))[..1]);
        await sessions[0].CreateAsync(HistoryRows.Checkpoint(3));
        await CommitAsync((await CommitsAsync(2, _ => false))[1..3]);
        await CommitAsync((await CommitsAsync(3, i => i % 3 == 0))[3..8]);
        await sessions[7].CreateAsync(HistoryRows.Checkpoint(4, "tag") with { Trace = [7] }, HistoryRows.Checkpoint(5));

        Assert.Equal((0, null), (await TraceAsync(0, 1), await TraceAsync(1, 1)));
        Assert.Equal((0, null, null), (await TraceAsync(0, 2), await TraceAsync(0, 3), await TraceAsync(1, 2)));
        Assert.Equal((3, null, 6), (await TraceAsync(3, 3), await TraceAsync(4, 3), await TraceAsync(6, 3)));
        Assert.Equal((7, null, null), (await TraceAsync(7, 4), await TraceAsync(7, 5), await TraceAsync(7, 99)));
        Assert.Equal(["tag"], (await ReadAsync(sessions[7].Address, 4))!.Row.Tags);

        async Task<int?> TraceAsync(int session, long sequence) =>
            await Store.Traces.ReadAsync(sessions[session].Key, sequence, Cancel) is { } trace ? Assert.Single(trace) : null;

        async Task<SessionCommit[]> CommitsAsync(long sequence, Func<int, bool> isTraced) => await Task.WhenAll(sessions.Select((session, i) => session.NextAsync(
            HistoryRows.Checkpoint(sequence) with { Id = new(Guid.NewGuid()), Trace = isTraced(i) ? [(byte)i] : null })));

        async Task CommitAsync(SessionCommit[] commits)
        {
            var batch = SessionScript.Batch(commits);
            Assert.All(await Store.Commits.CommitAsync(batch, Cancel), outcome => Assert.Equal(CommitStatus.Committed, outcome.Status));
            foreach (var session in sessions.Where(session => commits.Any(commit => commit.Address == session.Address)))
            {
                session.Took(batch);
            }
        }
    }
}
