using Forge.Benchmarks.Appending;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Silos;
using Forge.Client;

namespace Forge.Benchmarks.Streams;

/// <summary>Creates of a few callers in one session, while so many watch it. The rounds end with all having been told of all.</summary>
internal sealed class WatchedAppend(string name, ForgeAccess writers, ForgeAccess readers, int subscribers, StatePool states) : Side(name)
{
    private const int Writers = 8;

    private readonly string _session = $"watched-{subscribers}";
    private readonly List<SeenPositions> _subscribers = [];
    private long _created;

    public override async Task PrepareAsync()
    {
        await CreateAsync(writers.Client.Session(_session));
        for (var i = 0; i < subscribers; i++)
        {
            _subscribers.Add(new SeenPositions(readers.Client.Session(_session)));
        }

        await Task.WhenAll(_subscribers.Select(s => s.UntilAsync(1)));
    }

    public override async Task<double> RunAsync(TimeSpan duration)
    {
        var session = writers.Client.Session(_session);
        var rate = await Callers.RateAsync(Writers, duration, _ => CreateAsync(session));
        await Task.WhenAll(_subscribers.Select(s => s.UntilAsync(_created)));
        return rate;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var subscriber in _subscribers)
        {
            await subscriber.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private async Task<int> CreateAsync(SessionHandle session)
    {
        var number = Interlocked.Increment(ref _created);
        await session.CheckpointAsync(states.State(number), StatePool.Message(number));
        return 1;
    }
}
