using Forge.Checkpoints;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>The ten behaviours that every database must show, under concurrent callers.</summary>
public abstract class SessionBehaviours(ClusterFixture fixture)
{
    private ForgeCluster Forge => fixture.Cluster;

    [Fact]
    public async Task Storage_ConcurrentCallers_ShareIt()
    {
        var session = Forge.Session(Make.Id());
        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => session.CreateAsync($"call {i}")));

        var read = await Task.WhenAll(created.Select(c => session.GetAsync(c.Id)));

        Assert.All(read, (checkpoint, i) => Assert.Equal(Make.State($"call {i}"), checkpoint!.State.ToArray()));
        Assert.Equal(20, (await session.GetInfoAsync())!.Count);
    }

    [Fact]
    public async Task Create_TenCallersOfFiveOnOneSession_FiftyDense()
    {
        var session = Forge.Session(Make.Id());
        await Task.WhenAll(Enumerable.Range(0, 10).Select(caller => CreateFiveAsync(session, caller)));

        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), (await session.AllAsync()).Select(c => c.Sequence));
    }

    [Fact]
    public async Task Create_TenCallersOfFiveOnTenSessions_FiveEach()
    {
        var sessions = Enumerable.Range(0, 10).Select(_ => Forge.Session(Make.Id())).ToArray();
        await Task.WhenAll(sessions.Select(CreateFiveAsync));

        foreach (var session in sessions)
        {
            Assert.Equal([1, 2, 3, 4, 5], (await session.AllAsync()).Select(c => c.Sequence));
        }
    }

    [Fact]
    public async Task List_OneWriterThreeReaders_EveryReadIsAPrefix()
    {
        var session = Forge.Session(Make.Id());
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => ReadUntilAsync(session, done.Token)).ToArray();

        var acknowledged = 0L;
        for (var i = 0; i < 60; i++)
        {
            acknowledged = (await session.CreateAsync($"{i}")).Sequence;
            Assert.True((await session.GetSummaryAsync(CheckpointReference.Latest))!.Sequence >= acknowledged);
        }

        await done.CancelAsync();
        foreach (var reads in await Task.WhenAll(readers))
        {
            Assert.All(reads, read => Assert.Equal(Enumerable.Range(1, read.Length).Select(i => (long)i), read));
            Assert.All(reads.Zip(reads.Skip(1)), pair => Assert.True(pair.First.Length <= pair.Second.Length));
        }
    }

    [Fact]
    public async Task Create_ManySessionsOnAllSilos_IdsAreUnique()
    {
        var created = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => CreateFiveAsync(Forge.Session(Make.Id()), i)));

        var ids = created.SelectMany(c => c).Select(c => c.Id).ToList();
        Assert.Equal(200, ids.Distinct().Count());
    }

    [Fact]
    public async Task Create_SessionsInTurn_SequencesAreDensePerSession()
    {
        var sessions = Enumerable.Range(0, 5).Select(_ => Forge.Session(Make.Id())).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => sessions[i % 5].CreateAsync($"{i}")));

        foreach (var session in sessions)
        {
            var info = await session.GetInfoAsync();
            Assert.Equal((20, 20), (info!.Count, info.LastSequence));
            Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), (await session.AllAsync()).Select(c => c.Sequence));
        }
    }

    [Fact]
    public async Task Compact_BesideCreates_CountsAreExact()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateBatchAsync([.. Enumerable.Range(0, 100).Select(i => Make.Checkpoint($"{i}"))]);
        var creates = Enumerable.Range(0, 100).Select(i => session.CreateAsync($"beside {i}")).ToArray();
        var compactions = Enumerable.Range(0, 5)
            .Select(_ => session.CompactAsync(new RetentionPolicy { KeepRecent = 10 })).ToArray();

        var results = await Task.WhenAll(compactions);
        var created = await Task.WhenAll(creates);

        Assert.All(results, r => Assert.Equal(10, r.Remaining));
        Assert.Equal(100, created.Select(c => c.Sequence).Distinct().Count());
        var left = await session.AllAsync();
        Assert.Equal(200 - results.Sum(r => r.Deleted), left.Count);
        Assert.Equal(left.Count, (await session.GetInfoAsync())!.Count);
        Assert.Equal(Enumerable.Range(201 - left.Count, left.Count).Select(i => (long)i), left.Select(c => c.Sequence));
    }

    [Fact]
    public async Task Sessions_IdsThatLookAlike_AreIsolated()
    {
        var guid = Guid.NewGuid();
        var suffix = guid.ToString("N")[..8];
        string[] ids =
        [
            $"a1{suffix}", $"A1{suffix}", $"0a1{suffix}", $"00a1{suffix}", $"a1{suffix}+x", $"a1{suffix}+y",
            guid.ToString("D"), guid.ToString("D").ToUpperInvariant(), guid.ToString("N"), guid.ToString("B"),
        ];
        (string Tenant, string Session)[] places =
        [
            .. ids.Select(id => ("default", id)),
            .. ids.Select(id => (id, "same")),
        ];
        foreach (var (tenant, id) in places)
        {
            var session = Forge.Session(id, tenant);
            await session.SetSettingsAsync(new SessionSettings { Labels = new Dictionary<string, string> { ["who"] = tenant + "/" + id } });
            await session.CreateAsync(tenant + "/" + id);
            await Forge.Tenant(tenant).SetSettingsAsync(new() { AutomaticInterval = TimeSpan.FromSeconds(Array.IndexOf(ids, tenant) + 1000) });
        }

        foreach (var (tenant, id) in places)
        {
            var session = Forge.Session(id, tenant);
            var all = await session.AllAsync();
            Assert.Equal(tenant + "/" + id, Assert.Single(all).Message);
            Assert.Equal(tenant + "/" + id, (await session.GetInfoAsync())!.Settings.Labels["who"]);
            Assert.Equal(Make.State(tenant + "/" + id), (await session.GetAsync(1))!.State.ToArray());
            Assert.Equal(
                TimeSpan.FromSeconds(Array.IndexOf(ids, tenant) + 1000),
                (await Forge.Tenant(tenant).GetSettingsAsync()).AutomaticInterval);
        }
    }

    [Fact]
    public async Task Export_ConcurrentWithWrites_EachIsOneInstant()
    {
        var session = Forge.Session(Make.Id());
        await session.CreateBatchAsync([.. Enumerable.Range(0, 50).Select(i => Make.Checkpoint($"{i}"))]);
        var writes = Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            await session.CreateAsync($"beside {i}");
            if (i % 10 == 0)
            {
                await session.CompactAsync(new RetentionPolicy { KeepRecent = 40 });
            }
        }));

        var documents = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => session.ExportAllAsync()));
        await writes;

        for (var i = 0; i < documents.Length; i++)
        {
            var copy = Forge.Session(Make.Id());
            var result = await copy.ImportAllAsync(documents[i], 64 * 1024);
            var all = await copy.AllAsync();
            Assert.Equal(result.Imported, all.Count);
            Assert.Equal(
                Enumerable.Range((int)all[0].Sequence, all.Count).Select(s => (long)s), all.Select(c => c.Sequence));
        }
    }

    [Fact]
    public async Task Restore_Concurrent_EachIsByteForByte()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var session = Forge.Session(Make.Id());
        var states = Enumerable.Range(0, 20).Select(_ =>
        {
            var state = new byte[random.Next(1, 100_000)];
            random.NextBytes(state);
            return state;
        }).ToArray();
        foreach (var state in states)
        {
            await session.CreateAsync(Make.Checkpoint() with { State = state, ContentType = "application/octet-stream" });
        }

        var restored = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => session.RestoreAsync((i % 20) + 1)));

        Assert.All(restored, (r, i) => Assert.Equal(states[i % 20], r.Checkpoint!.State.ToArray()));
        Assert.Contains((await session.GetInfoAsync())!.Current!.Value.Sequence, Enumerable.Range(1, 20).Select(i => (long)i));
    }

    [Fact]
    public async Task MixedOperations_TwentyCallersOfFifty_NothingIsLostOrInvented()
    {
        var session = Forge.Session(Make.Id());
        var deleted = 0;
        var created = await Task.WhenAll(Enumerable.Range(0, 20).Select(async caller =>
        {
            var mine = new List<CheckpointSummary>();
            for (var i = 0; i < 50; i++)
            {
                switch (i % 4)
                {
                    case 0:
                        mine.Add(await session.CreateAsync($"{caller}/{i}"));
                        break;
                    case 1:
                        var page = await session.ListAsync(new CheckpointQuery());
                        Assert.Contains(page.Items, c => c.Sequence >= mine[^1].Sequence);
                        break;
                    case 2:
                        Assert.Equal(mine[^1].Message, (await session.GetAsync(mine[^1].Id))!.Summary.Message);
                        break;
                    default:
                        Assert.True(await session.DeleteAsync(mine[0].Id));
                        mine.RemoveAt(0);
                        Interlocked.Increment(ref deleted);
                        break;
                }
            }

            return mine;
        }));

        var left = (await session.AllAsync()).Select(c => c.Id).Order(Comparer<CheckpointId>.Create((a, b) => a.Value.CompareTo(b.Value)));
        var expected = created.SelectMany(c => c).Select(c => c.Id).Order(Comparer<CheckpointId>.Create((a, b) => a.Value.CompareTo(b.Value)));
        Assert.Equal(expected, left);
        var info = await session.GetInfoAsync();
        Assert.Equal((20 * 13) - deleted, info!.Count);
        Assert.Equal(20 * 13, info.LastSequence);
        Assert.Equal((await session.AllAsync()).LastOrDefault()?.Sequence, info.Head?.Sequence);
    }

    private static Task<CheckpointSummary[]> CreateFiveAsync(ISessionGrain session, int caller) =>
        Task.WhenAll(Enumerable.Range(0, 5).Select(i => session.CreateAsync($"{caller}/{i}")));

    private static async Task<List<long[]>> ReadUntilAsync(ISessionGrain session, CancellationToken done)
    {
        var reads = new List<long[]>();
        while (!done.IsCancellationRequested)
        {
            reads.Add([.. (await session.AllAsync()).Select(c => c.Sequence)]);
        }

        return reads;
    }
}

public sealed class MemorySessionBehaviours(MemoryClusterFixture fixture)
    : SessionBehaviours(fixture), IClassFixture<MemoryClusterFixture>;
