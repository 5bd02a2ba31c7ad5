using System.Diagnostics;

namespace Forge.Benchmarks.Measuring;

/// <summary>Callers that call, wait for the answer, and call again.</summary>
internal static class Callers
{
    /// <summary>How many calls a second so many callers complete together.</summary>
    /// <param name="count">How many callers.</param>
    /// <param name="duration">How long they begin new calls; the ones then under way are waited for and count.</param>
    /// <param name="call">One call of a caller, by its number from 0; says how much it counts.</param>
    public static async Task<double> RateAsync(int count, TimeSpan duration, Func<int, Task<int>> call)
    {
        var start = Stopwatch.GetTimestamp();
        var done = await Task.WhenAll(Enumerable.Range(0, count).Select(caller => Task.Run(() => CallAsync(caller))));
        return done.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;

        async Task<long> CallAsync(int caller)
        {
            var calls = 0L;
            do
            {
                calls += await call(caller);
            }
            while (Stopwatch.GetElapsedTime(start) < duration);
            return calls;
        }
    }
}
