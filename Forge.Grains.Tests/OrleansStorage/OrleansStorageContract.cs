using Orleans.Storage;
using Xunit;

namespace Forge.Grains.Tests.OrleansStorage;

/// <summary>What Orleans' grain storage must do on our SQL, whichever the database.</summary>
public abstract class OrleansStorageContract : IAsyncLifetime
{
    private StorageHost? _host;

    private protected StorageHost Host => _host!;

    public async ValueTask InitializeAsync() => _host = await StartHostAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Task<StorageHost> StartHostAsync();

    private protected virtual Task CleanUpAsync() => Task.CompletedTask;

    [Fact]
    public async Task Write_RacingFirstWrites_ExactlyOneWins()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 200).Select(i => Task.Run(async () =>
        {
            try
            {
                await Host.WriteAsync("t/race", StorageHost.State(i));
                return i;
            }
            catch (InconsistentStateException)
            {
                return 0;
            }
        })));

        var winner = Assert.Single(outcomes, i => i > 0);
        Assert.Equal(winner, (await Host.ReadAsync("t/race")).State!.Settings.MaxStateBytes);
    }

    [Fact]
    public async Task Write_StaleVersion_IsRefusedAndChangesNothing()
    {
        var first = StorageHost.State(1);
        await Host.WriteAsync("t/stale", first);
        var stale = await Host.ReadAsync("t/stale");
        await Host.WriteAsync("t/stale", first);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Host.WriteAsync("t/stale", stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Host.ClearAsync("t/stale", stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Host.WriteAsync("t/stale", StorageHost.State(9)));
        var now = await Host.ReadAsync("t/stale");
        Assert.Equal((first.ETag, 1), (now.ETag, now.State!.Settings.MaxStateBytes));
    }

    [Fact]
    public async Task Write_OfARowThatIsGone_IsRefused()
    {
        var state = StorageHost.State(1);
        state.ETag = "7";

        await Assert.ThrowsAsync<InconsistentStateException>(() => Host.WriteAsync("t/gone", state));
        Assert.False((await Host.ReadAsync("t/gone")).RecordExists);
    }

    [Fact]
    public async Task Clear_ThenWrite_GoesOnFromTheVersion()
    {
        var state = StorageHost.State(1);
        await Host.WriteAsync("t/clear", state);
        await Host.ClearAsync("t/clear", state);
        Assert.False((await Host.ReadAsync("t/clear")).RecordExists);

        state.State = StorageHost.State(2).State;
        await Host.WriteAsync("t/clear", state);
        Assert.Equal(("3", 2), (state.ETag, (await Host.ReadAsync("t/clear")).State!.Settings.MaxStateBytes));
    }

    [Fact]
    public async Task Write_SimilarKeys_HaveRowsOfTheirOwn()
    {
        var guid = "0A1B2C3D4E5F60718293A4B5C6D7E8F9";
        string[] keys =
        [
            "t/a1", "t/A1", "t/0a1", "t/00a1", "t/a1+x", "t/a1+y", $"t/{guid}", $"t/{guid.ToLowerInvariant()}",
            "t/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        ];
        for (var i = 0; i < keys.Length; i++)
        {
            await Host.WriteAsync(keys[i], StorageHost.State(i + 1));
        }

        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal(i + 1, (await Host.ReadAsync(keys[i])).State!.Settings.MaxStateBytes);
        }
    }
}
