using Forge.Events;
using Forge.Grains.Streams;
using Forge.Grains.Tests.Sessions;
using Forge.Identity;
using Forge.Sessions;

namespace Forge.Grains.Tests.Streams;

/// <summary>Reads streams for tests.</summary>
internal static class Watching
{
    /// <summary>By then whatever was to come has come: a test that waits for an event that is lost fails, and does not hang.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The first events of a stream; fails if they do not come.</summary>
    public static async Task<List<LogEvent>> TakeAsync(this IAsyncEnumerable<LogEvent> events, int count)
    {
        var taken = new List<LogEvent>();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Patience);
        try
        {
            await foreach (var happened in events.WithCancellation(bound.Token))
            {
                taken.Add(happened);
                if (taken.Count == count)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException cancelled) when (bound.IsCancellationRequested)
        {
            throw Missing(taken, count, cancelled);
        }

        return taken;
    }

    /// <summary>The first events of a stream that comes in batches; fails if they do not come.</summary>
    public static async Task<List<LogEvent>> TakeAsync(this IAsyncEnumerator<IReadOnlyList<LogEvent>> stream, int count)
    {
        var taken = new List<LogEvent>();
        try
        {
            while (taken.Count < count && await stream.MoveNextAsync().AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken))
            {
                taken.AddRange(stream.Current);
            }
        }
        catch (TimeoutException late)
        {
            throw Missing(taken, count, late);
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

    /// <summary>Waits until something is so; fails if it does not come to be.</summary>
    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Patience);
        while (!isSo())
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static InvalidOperationException Missing(List<LogEvent> taken, int count, Exception cause) => new(
        $"Of {count} events {taken.Count} came, at positions {string.Join(' ', taken.Select(e => e.Position))}.", cause);

    /// <summary>Every position from one on, each once, in order.</summary>
    public static void MustFollow(this IReadOnlyList<LogEvent> events, long first) =>
        Assert.Equal(Enumerable.Range(0, events.Count).Select(i => first + i), events.Select(e => e.Position));
}
