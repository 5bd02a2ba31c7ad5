using Forge.Checkpoints;
using Forge.Errors;
using Forge.Sessions;

namespace Forge.Grains.Tests.Sessions;

/// <summary>Pages with states while checkpoints of them go.</summary>
public abstract partial class SessionFaults
{
    private static readonly CheckpointQuery WithStates = new() { IncludeStates = true };

    [Fact]
    public async Task List_StatesRemovedMeanwhile_PageIsOfTheInstantItWasListedAt()
    {
        await using var forge = await StartAsync(options => options.Retention.SweepInterval = TimeSpan.FromHours(1));
        var session = await ThreeAsync(forge);
        OnceBeforeStates(() => session.DeleteAsync(2));

        var page = await session.ListAsync(WithStates);

        Assert.Equal([3, 2, 1], page.Items.Select(c => c.Sequence));
        Assert.Equal(Make.State("2"), page.States![1].State!.Value.ToArray());
        Assert.Equal([3, 1], (await session.ListAsync(WithStates)).Items.Select(c => c.Sequence));
    }

    [Fact]
    public async Task List_StatesWhoseRowsGoMeanwhile_PageIsListedAnew()
    {
        await using var forge = await StartAsync();
        var session = await ThreeAsync(forge);
        OnceBeforeStates(async () =>
        {
            await session.DeleteAsync(2);
            await forge.SweepUntilGoneAsync("s");
        });

        var page = await session.ListAsync(WithStates);

        Assert.Equal([3, 1], page.Items.Select(c => c.Sequence));
        Assert.Equal([Make.State("3"), Make.State("1")], page.States!.Select(s => s.State!.Value.ToArray()));
    }

    [Fact]
    public async Task List_SessionDeletedMeanwhile_SaysSo()
    {
        await using var forge = await StartAsync();
        var session = await ThreeAsync(forge);
        OnceBeforeStates(() => session.DeleteSessionAsync());

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.ListAsync(WithStates));
    }

    [Fact]
    public async Task List_RowsThatGoWheneverTheyAreListed_IsUnavailable()
    {
        await using var forge = await StartAsync();
        var session = await ThreeAsync(forge);
        Store.OnStatesRead = async () =>
        {
            var created = await session.CreateAsync("more");
            await session.DeleteAsync(created.Sequence - 1);
            await forge.SweepUntilGoneAsync("s");
        };

        await Assert.ThrowsAsync<UnavailableException>(() => session.ListAsync(WithStates));
    }

    [Fact]
    public async Task List_StatesBeyondTheBytesOfAPage_GoOnBehindAtLeastOne()
    {
        await using var forge = await StartAsync(options => options.Limits.PageStateBytes = 3000);
        var session = forge.Session("s");
        int[] sizes = [1000, 2000, 1, 4000, 3000, 2999, 2];
        foreach (var (size, i) in sizes.Select((size, i) => (size, i)))
        {
            await session.CreateAsync(Make.Checkpoint($"{i}") with { State = new byte[size], ContentType = "a/b" });
        }

        var (query, pages) = (WithStates with { Order = ListOrder.OldestFirst }, new List<string>());
        do
        {
            var page = await session.ListAsync(query);
            Assert.Equal(page.Items.Count, page.States!.Count);
            pages.Add(string.Join(" ", page.States.Select(s => s.State!.Value.Length)));
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);

        Assert.Equal(["1000 2000", "1", "4000", "3000", "2999", "2"], pages);
    }

    private static async Task<ISessionGrain> ThreeAsync(ForgeCluster forge)
    {
        var session = forge.Session("s");
        await session.CreateAsync("1");
        await session.CreateAsync("2");
        await session.CreateAsync("3");
        return session;
    }

    private void OnceBeforeStates(Func<Task> action) => Store.OnStatesRead = async () =>
    {
        Store.OnStatesRead = null;
        await action();
    };
}
