using System.Net.Mime;
using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Runs;
using Forge.Benchmarks.Silos;
using Forge.Checkpoints;
using Forge.Client;
using Forge.Grains.Hosting;
using Forge.Sessions;

namespace Forge.Benchmarks.Retention;

/// <summary>
/// One caller that saves a step as soon as the one before was acknowledged, but no faster than a pace, while the session
/// keeps its newest alone.
/// </summary>
internal sealed class RetentionSoak(string side, SessionHandle session, SiloSettings settings, int? pace, TimeProvider time)
{
    private const int Kept = 100;

    private static readonly RetentionPolicy Policy = new() { KeepRecent = Kept };
    private static readonly CheckpointOptions Json = new() { ContentType = MediaTypeNames.Application.Json };

    private readonly RollingState _states = new();
    private int _written;

    public Task BeginAsync() => session.SetSettingsAsync(new SessionSettings { Retention = Policy });

    /// <summary>Writes until the session has had so many checkpoints, and says how it went since the last time.</summary>
    public async Task<SoakReading> WriteToAsync(int mark)
    {
        var writtenBefore = _written;
        var milliseconds = new List<double>(mark - _written);
        var start = time.GetTimestamp();
        while (_written < mark)
        {
            await KeepPaceAsync(start, writtenBefore);
            var state = _states.State(_written);
            var before = time.GetTimestamp();
            await session.CheckpointAsync(state, RollingState.Message(_written++), options: Json);
            milliseconds.Add(time.GetElapsedTime(before).TotalMilliseconds);
        }

        var rate = milliseconds.Count / time.GetElapsedTime(start).TotalSeconds;
        var tables = settings.Database == ForgeDatabase.PostgreSql ? await HistorySize.TablesAsync(settings.Place) : [];
        return new SoakReading(
            tables.Count > 0 ? tables.Sum(t => t.Bytes) : await HistorySize.ReadAsync(settings), tables, rate, Samples.Percentile(milliseconds, 0.99));
    }

    private async Task KeepPaceAsync(long start, int writtenBefore)
    {
        if (pace is { } most)
        {
            var ahead = TimeSpan.FromSeconds((double)(_written - writtenBefore) / most) - time.GetElapsedTime(start);
            if (ahead >= TimeSpan.FromMilliseconds(2))
            {
                await Task.Delay(ahead, time);
            }
        }
    }

    /// <summary>Compacts once more, and compares what is left with what was saved last, byte for byte.</summary>
    /// <exception cref="ValidationException">It is more or less than the policy keeps, or differs.</exception>
    public async Task ValidateAsync()
    {
        await session.CompactAsync();
        var expected = _written - Kept;
        await foreach (var summary in session.ListAsync(new CheckpointQuery { Order = ListOrder.OldestFirst, Limit = 1000 }))
        {
            var found = await session.GetAsync(summary.Sequence);
            if (summary.Sequence != expected + 1 || found is null)
            {
                throw new ValidationException(side, $"checkpoint {summary.Sequence} stands where {expected + 1} should");
            }

            _states.Expect(side, expected++, summary.Message, found.State.Span);
        }

        if (expected != _written)
        {
            throw new ValidationException(side, $"the newest is checkpoint {expected}, and {_written} were acknowledged");
        }
    }
}

/// <summary>How it was up to a mark.</summary>
/// <param name="Bytes">The size of the database at the mark.</param>
/// <param name="Tables">That by table, on PostgreSQL.</param>
/// <param name="Rate">The creates a second since the mark before.</param>
/// <param name="P99">The milliseconds that 99 of 100 of those creates did not exceed.</param>
internal readonly record struct SoakReading(long Bytes, IReadOnlyList<(string Table, long Bytes)> Tables, double Rate, double P99);
