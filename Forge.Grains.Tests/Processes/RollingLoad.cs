using Forge.Checkpoints;
using Forge.Client;
using Forge.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Forge.Grains.Tests.Processes;

/// <summary>
/// Callers by the client library who each save one checkpoint after another and read it back, in a session of their own and in one that all
/// share, with watchers of all sessions, until they are told to end. What any of them is told of is a failure of whoever waits for them.
/// </summary>
internal sealed class RollingLoad : IAsyncDisposable
{
    private const int Callers = 6;
    private const string Shared = "shared";
    private const string Last = "last";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly IHost _client;
    private readonly Lock _lock = new();
    private readonly int[] _saved = new int[Callers];
    private readonly List<(string Session, long Sequence, string State)> _acknowledged = [];
    private readonly CancellationTokenSource _end = new();
    private readonly CancellationTokenSource _gone = new();
    private Task _callers = Task.CompletedTask;
    private Task<List<long>>[] _watchers = [];
    private (int[] Counts, TaskCompletionSource Reached)? _awaited;
    private TimeSpan _longest;

    private RollingLoad(IHost client) => _client = client;

    /// <summary>How long the longest call of all took.</summary>
    public TimeSpan Longest
    {
        get
        {
            lock (_lock)
            {
                return _longest;
            }
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IForgeClient Forge => _client.Services.GetRequiredService<IForgeClient>();

    /// <summary>Has them begin.</summary>
    /// <param name="database">The connection string of the cluster.</param>
    public static async Task<RollingLoad> StartAsync(string database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddForgeClient(options => options.ConnectionString = database);
        var load = new RollingLoad(builder.Build());
        await load._client.StartAsync(Cancel);
        load._watchers = [.. Enumerable.Range(0, Callers).Select(caller => Task.Run(() => load.WatchAsync($"own-{caller}")))];
        load._callers = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => load.CallAsync(caller))));
        return load;
    }

    /// <summary>Over once each of them has saved so many more.</summary>
    public async Task UntilEachSavedAsync(int more)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _awaited = ([.. _saved.Select(count => count + more)], reached);
        }

        await await Task.WhenAny(reached.Task, _callers).WaitAsync(Patience, Cancel);
    }

    /// <summary>Ends them, and holds what there is against what they were told.</summary>
    /// <returns>How many checkpoints were acknowledged.</returns>
    public async Task<int> StopAndVerifyAsync()
    {
        await _end.CancelAsync();
        await _callers.WaitAsync(Patience, Cancel);
        var watched = await Task.WhenAll(_watchers).WaitAsync(Patience, Cancel);
        Assert.Equal(_acknowledged.Count, _acknowledged.Select(each => (each.Session, each.Sequence)).Distinct().Count());
        foreach (var session in _acknowledged.GroupBy(each => each.Session))
        {
            // Whatever was tried again, each was taken once: as many as were acknowledged, without a gap.
            Assert.Equal(Enumerable.Range(1, session.Count()).Select(n => (long)n), session.Select(each => each.Sequence).Order());
            Assert.Equal(session.Count(), (await Forge.Session(session.Key).InfoAsync(Cancel))?.Count);
            var states = session.ToDictionary(each => each.Sequence, each => each.State);
            await foreach (var (summary, state) in Forge.Session(session.Key).ListWithStatesAsync(new CheckpointQuery(), Cancel))
            {
                Assert.Equal(states[summary.Sequence], System.Text.Json.JsonSerializer.Deserialize<string>(state.State!.Value.Span));
            }
        }

        Assert.All(watched.Index(), each => Assert.Equal(
            Enumerable.Range(1, _acknowledged.Count(saved => saved.Session == $"own-{each.Index}")).Select(n => (long)n), each.Item));
        return _acknowledged.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _gone.CancelAsync();
        await ((Task)Task.WhenAll([_callers, .. _watchers])).WaitAsync(Patience, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _client.StopAsync(CancellationToken.None);
        _client.Dispose();
        _end.Dispose();
        _gone.Dispose();
    }

    private async Task CallAsync(int caller)
    {
        for (var n = 1; !_end.IsCancellationRequested; n++)
        {
            await SaveAsync(n % 4 == 0 ? Shared : $"own-{caller}", $"{caller} saved {n}", $"number {n}");
            lock (_lock)
            {
                _saved[caller]++;
                if (_awaited is var (counts, reached) && _saved.Zip(counts).All(pair => pair.First >= pair.Second))
                {
                    reached.TrySetResult();
                }
            }
        }

        await SaveAsync($"own-{caller}", $"{caller} is done", Last);
    }

    private async Task SaveAsync(string session, string state, string message)
    {
        var handle = Forge.Session(session);
        var began = TimeProvider.System.GetTimestamp();
        var created = await handle.CheckpointAsync(state, message, cancellationToken: Cancel);
        var took = TimeProvider.System.GetElapsedTime(began);
        var sequence = created.Checkpoint!.Sequence;
        lock (_lock)
        {
            _acknowledged.Add((session, sequence, state));
            _longest = took > _longest ? took : _longest;
        }

        began = TimeProvider.System.GetTimestamp();
        var read = session == Shared ? await handle.GetAsync<string>(sequence, Cancel) : await handle.LatestAsync<string>(Cancel);
        took = TimeProvider.System.GetElapsedTime(began);
        Assert.Equal((sequence, state), (read!.Summary.Sequence, read.State));
        lock (_lock)
        {
            _longest = took > _longest ? took : _longest;
        }
    }

    private async Task<List<long>> WatchAsync(string session)
    {
        var positions = new List<long>();
        await foreach (var happened in Forge.Session(session).WatchAsync(cancellationToken: _gone.Token))
        {
            Assert.Equal(LogEventKind.Created, happened.Kind);
            positions.Add(happened.Position);
            if (happened.Message == Last)
            {
                break;
            }
        }

        return positions;
    }
}
