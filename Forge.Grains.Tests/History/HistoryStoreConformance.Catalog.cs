using Forge.History.Stores;
using Forge.Identity;

namespace Forge.Grains.Tests.History;

public abstract partial class HistoryStoreConformance
{
    [Fact]
    public async Task ListSessions_Names_ComeInOrdinalOrderWithTheirHeads()
    {
        foreach (var name in new[] { "b", "a1", "A1", "0a1", "~", "a", "a!" })
        {
            await Session(name).CreateAsync(HistoryRows.Checkpoints(1, 2));
        }

        var rows = await SessionsAsync();

        Assert.Equal(["0a1", "A1", "a", "a!", "a1", "b", "~"], rows.Select(r => r.Session.Value));
        foreach (var row in rows)
        {
            var read = await Store.Reads.ReadHeadAsync(HistoryRows.Address(row.Session.Value), Cancel);
            HistoryRows.AssertSame(read!.Head, row.Read.Head);
            Assert.Equal((read.HeadId, read.CurrentId), (row.Read.HeadId, row.Read.CurrentId));
            Assert.False(row.Read.HeadId.IsEmpty);
        }
    }

    [Fact]
    public async Task ListSessions_PrefixAndPages_GiveEachOnce()
    {
        foreach (var name in new[] { "run", "run-1", "run-2", "run-20", "run~", "rum", "ruo", "RUN-1", "run%" })
        {
            await Session(name).CreateAsync(HistoryRows.Checkpoint(1));
        }

        Assert.Equal(["run", "run%", "run-1", "run-2", "run-20", "run~"], await NamesAsync("run"));
        Assert.Equal(["run-2", "run-20"], await NamesAsync("run-2"));
        Assert.Equal(["run~"], await NamesAsync("run~"));
        Assert.Empty(await NamesAsync("run-3"));
        Assert.Equal(["run", "run%"], await NamesAsync("run", limit: 2));
        Assert.Equal(["run-1", "run-2"], await NamesAsync("run", after: "run%", limit: 2));
        Assert.Equal(["run~"], await NamesAsync("run", after: "run-20"));
        Assert.Empty(await NamesAsync("run", after: "z"));
    }

    [Fact]
    public async Task ListSessions_OtherTenantsDeletedAndStaged_AreNotShown()
    {
        await Session("here").CreateAsync(HistoryRows.Checkpoint(1));
        await Session("there", "other").CreateAsync(HistoryRows.Checkpoint(1));
        await Session("empty").CommitAsync(c => c);
        var deleted = Session("deleted");
        await deleted.CreateAsync(HistoryRows.Checkpoint(1));
        await deleted.CommitAsync(c => c with { Head = c.Head with { DeletedAt = HistoryRows.Start } });
        var key = await Store.Commits.NextSessionKeyAsync(Cancel);
        await Store.Staging.BeginAsync(key, HistoryRows.Start, Cancel);
        await Store.Staging.StageAsync(key, [HistoryRows.Checkpoint(1)], Cancel);

        Assert.Equal(["empty", "here"], await NamesAsync(""));
        Assert.Equal(["there"], (await SessionsAsync(tenant: "other")).Select(r => r.Session.Value));
        Assert.Empty(await SessionsAsync(tenant: "none"));
        Assert.True((await SessionsAsync())[0].Read.HeadId.IsEmpty);
    }

    private async Task<IEnumerable<string>> NamesAsync(string prefix, string after = "", int limit = 100) =>
        (await SessionsAsync(prefix, after, limit)).Select(r => r.Session.Value);

    private async Task<IReadOnlyList<SessionRow>> SessionsAsync(
        string prefix = "", string after = "", int limit = 100, string tenant = "default")
    {
        var filter = new SessionFilter { Prefix = prefix, After = after.Length == 0 ? null : new(after), Limit = limit };
        return (await Store.Catalog.ListSessionsAsync(TenantId.Parse(tenant), filter, Cancel)).Rows;
    }
}
