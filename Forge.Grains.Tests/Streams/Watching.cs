using Forge.Events;
using Forge.Grains.Streams;
using Forge.Grains.Tests.Sessions;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Streams;

/// <summary>Reads streams for tests.</summary>
internal static class Watching
{
    /// <summary>The first events of a stream.</summary>
    public static async Task<List<LogEvent>> TakeAsync(this IAsyncEnumerable<LogEvent> events, int count)
    {
        var taken = new List<LogEvent>();
        await foreach (var happened in events.WithCancellation(TestContext.Current.CancellationToken))
        {
            taken.Add(happened);
            if (taken.Count == count)
            {
                break;
            }
        }

        return taken;
    }

    /// <summary>What a session tells in a silo, going on by itself.</summary>
    public static IAsyncEnumerable<LogEvent> Follow(this ForgeCluster forge, ISessionGrain session, long? after = null) => new SessionEvents(
        forge.Grains, TimeProvider.System).FollowAsync(AddressOf(session), after, TestContext.Current.CancellationToken);

    /// <summary>All events that the log has after a position, in pages.</summary>
    public static async Task<List<LogEvent>> EventsAsync(this ISessionGrain session, long? after = null, int limit = 1000)
    {
        var all = new List<LogEvent>();
        for (var next = after; ;)
        {
            var page = await session.RunAsync(new ListEvents(next, limit));
            Assert.True(page.Items.Count <= limit);
            all.AddRange(page.Items);
            if (page.Next is null)
            {
                return all;
            }

            next = page.Next;
        }
    }

    public static SessionAddress AddressOf(ISessionGrain session) => SessionAddress.ParseGrainKey(session.GetPrimaryKeyString());

    /// <summary>Every position from one on, each once, in order.</summary>
    public static void MustFollow(this IReadOnlyList<LogEvent> events, long first) =>
        Assert.Equal(Enumerable.Range(0, events.Count).Select(i => first + i), events.Select(e => e.Position));
}
