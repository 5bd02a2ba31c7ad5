using Forge.Checkpoints;
using Forge.Errors;
using Forge.History.Changes;

namespace Forge.Grains.Tests.Sessions;

/// <summary>What happens to the changes of a session on a full disk.</summary>
public abstract partial class SessionFaults
{
    private static readonly CommitOutcome Full = new(CommitStatus.NoRoom, new UnavailableException("The disk is full."));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Delete_InOneCommitWithCreatesOnAFullDisk_TakesEffectWithoutThem(bool isKnown)
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        var (entered, release) = Store.HoldNext();
        var first = session.DeleteAsync(1);
        await entered;

        // They wait for the commit that is held, and join one behind it.
        var creates = Enumerable.Range(0, 5).Select(i => Try(() => session.CreateAsync($"lost {i}"))).ToList();
        var delete = session.DeleteAsync(2);
        creates.AddRange(Enumerable.Range(5, 5).Select(i => Try(() => session.CreateAsync($"lost {i}"))));
        await session.GetInfoAsync();
        Store.OnCommit = FullAsync;
        Store.SaysNoRoom = isKnown ? Full : null;
        release();

        Assert.True(await first);
        Assert.True(await delete);
        Assert.All(await Task.WhenAll(creates), error => Assert.IsType<UnavailableException>(error));
        Assert.Empty(await session.AllAsync());
        (Store.OnCommit, Store.SaysNoRoom) = (null, null);
        Assert.Equal(3, (await session.CreateAsync("3")).Sequence);
        Assert.True((await session.VerifyOnceAsync()).IsIntact);
    }

    [Fact]
    public async Task Compact_BesideCreatesOnAFullDisk_TakesEffect()
    {
        await using var forge = await StartAsync();
        var session = forge.Session("s");
        for (var i = 1; i <= 5; i++)
        {
            await session.CreateAsync($"{i}");
        }

        (Store.OnCommit, Store.SaysNoRoom) = (FullAsync, Full);
        var done = false;
        async Task CreateAsync()
        {
            while (!done)
            {
                Assert.IsType<UnavailableException>(await Try(() => session.CreateAsync("lost")));
            }
        }

        var creates = Enumerable.Range(0, 5).Select(_ => CreateAsync()).ToList();
        var result = await session.CompactAsync(new() { KeepRecent = 2 });
        done = true;
        await Task.WhenAll(creates);

        Assert.Equal(3, result.Deleted);
        Assert.Equal([4, 5], (await session.AllAsync()).Select(c => c.Sequence));
    }

    /// <summary>As a store on a full disk does it.</summary>
    private static async Task<IReadOnlyList<CommitOutcome>> FullAsync(CommitBatch batch, ScriptedHistoryStore.Commit commit)
    {
        var goes = batch.Commits.Where(c => !c.NeedsRoom).ToList();
        var written = new Queue<CommitOutcome>(goes.Count == 0 ? [] : await commit(batch with { Commits = goes }));
        return [.. batch.Commits.Select(c => c.NeedsRoom ? Full : written.Dequeue())];
    }
}
