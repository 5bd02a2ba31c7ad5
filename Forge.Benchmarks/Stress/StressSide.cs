using System.Diagnostics;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;

namespace Forge.Benchmarks.Stress;

/// <summary>The callers and what they do; the value of a round is how long all of it takes, in milliseconds.</summary>
internal abstract class StressSide : Side
{
    private const int CallerCount = 20;
    private const int Operations = 50;

    /// <summary>A caller's last create is one that it has no delete for.</summary>
    private const int Remaining = CallerCount;

    private int _round;

    protected StressSide(string name)
        : base(name) => IsCompiledAsItRuns = true;

    public sealed override async Task<double> RunAsync(TimeSpan duration)
    {
        Begin(_round++);
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, CallerCount).Select(caller => Task.Run(() => CallAsync(caller))));
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

        // Every round has a session of its own, and is looked at when its time has been taken.
        var left = await CountAsync();
        return left == Remaining ? elapsed : throw new ValidationException(Name, $"{left} checkpoints are left, not {Remaining}");
    }

    protected abstract void Begin(int round);

    protected abstract Task<Guid> CreateAsync(string message, StressState state);

    protected abstract Task<int> ListAsync();

    protected abstract Task<StressState?> GetAsync(Guid id);

    protected abstract Task<bool> DeleteAsync(Guid id);

    protected abstract Task<int> CountAsync();

    private async Task CallAsync(int caller)
    {
        var (mine, state) = (Guid.Empty, StressState.Of(caller));
        for (var i = 0; i < Operations; i++)
        {
            var right = (i % 4) switch
            {
                0 => (mine = await CreateAsync($"caller {caller}", state)) != Guid.Empty,
                1 => await ListAsync() > 0,
                2 => (await GetAsync(mine))?.Caller == caller,
                _ => await DeleteAsync(mine),
            };
            if (!right)
            {
                throw new ValidationException(Name, $"operation {i} of caller {caller} had another answer than it should");
            }
        }
    }
}

/// <summary>A state of about 2 KB of JSON.</summary>
internal sealed record StressState(int Caller, IReadOnlyList<string> History)
{
    public static StressState Of(int caller) =>
        new(caller, [.. Enumerable.Range(0, 40).Select(i => $"step {i}: caller {caller} looked at a file and noted it")]);
}
