using System.Globalization;
using Forge.Client;
using Forge.Events;
using Forge.Feeds;
using Forge.Grains.Tests.PostgreSql;
using Forge.Testing.Processes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.Processes;

/// <summary>
/// The feed of a tenant while four writers append on two silos, of which one is killed. <c>FORGE_FEED_EVENTS</c> says how many events there
/// are; 2,000 by default.
/// </summary>
public sealed class FeedTests
{
    private const int Writers = 4;
    private const int SessionsOfEach = 8;

    private static readonly int Each = int.Parse(
        Environment.GetEnvironmentVariable("FORGE_FEED_EVENTS") ?? "2000", CultureInfo.InvariantCulture) / (Writers * SessionsOfEach);

    /// <summary>A minute for what is there by default, and more for more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2 + (Each * Writers * SessionsOfEach / 10_000));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WatchFeed_OneOfTwoSilosKilledMeanwhile_HasNoHoleAndNoRepeat()
    {
        await using var silos = await SiloPair.StartAsync();
        var forge = silos.Forge;
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var watching = Enumerable.Range(0, 3).Select(_ => Task.Run(() => WatchAsync(forge))).ToList();
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(forge, writer, half))).ToList();
        await half.Task.WaitAsync(Patience, Cancel);
        await silos.Two.KillAsync();
        await Task.WhenAll(writing).WaitAsync(Patience, Cancel);

        // Those who followed, and who begins when all is over.
        watching.Add(Task.Run(() => WatchAsync(forge)));
        foreach (var told in await Task.WhenAll(watching).WaitAsync(Patience, Cancel))
        {
            Assert.Equal(Writers * SessionsOfEach, told.Count);
            Assert.All(told.Values, last => Assert.Equal(Each, last));
        }

        var page = await forge.Tenant("default").ReadFeedAsync(new FeedQuery { Limit = 1 }, Cancel);
        Assert.Equal((1, true, page.Items[0].Cursor), (page.Items.Count, page.More, page.Next));
        var end = await forge.Tenant("default").ReadFeedAsync(new FeedQuery { After = FeedQuery.Latest, Wait = TimeSpan.FromMilliseconds(1) }, Cancel);
        Assert.Equal((0, false), (end.Items.Count, end.More));
    }

    private static async Task WriteAsync(IForgeClient forge, int writer, TaskCompletionSource half)
    {
        for (var n = 1; n <= Each; n++)
        {
            await Task.WhenAll(Enumerable.Range(0, SessionsOfEach).Select(s =>
                forge.Session($"w{writer}-{s}").CheckpointAsync(n, $"number {n}", cancellationToken: Cancel)));
            _ = n == Each / 2 && half.TrySetResult();
        }
    }

    /// <summary>The last position of each session, once all events came; fails with the first hole or repeat.</summary>
    private static async Task<Dictionary<string, long>> WatchAsync(IForgeClient forge)
    {
        var (last, count) = (new Dictionary<string, long>(), 0);
        await foreach (var happened in forge.Tenant("default").WatchFeedAsync(new FeedQuery { Limit = 1000 }, Cancel))
        {
            var name = happened.Session.Value;
            Assert.Equal(last.GetValueOrDefault(name) + 1, happened.Event.Position);
            Assert.Equal((LogEventKind.Created, $"number {happened.Event.Position}"), (happened.Event.Kind, happened.Event.Message));
            last[name] = happened.Event.Position;
            if (++count == Each * Writers * SessionsOfEach)
            {
                break;
            }
        }

        return last;
    }
}
