using System.Diagnostics;

namespace Forge.Benchmarks.Measuring;

/// <summary>
/// Measures the processor time of rounds: that of the program and its silo processes, and that of the database. Unlike a
/// rate it hardly changes when the machine is shared with others.
/// </summary>
/// <param name="database">Reads what the database's processes have used; null where nobody tells.</param>
/// <param name="silos">Reads what silo processes have used; null where there are none.</param>
internal sealed class ProcessorMeter(Func<TimeSpan?> database, Func<TimeSpan>? silos = null)
{
    public Reading? Read()
    {
        if (database() is not { } used)
        {
            return null;
        }

        using var process = Process.GetCurrentProcess();
        return new Reading(Stopwatch.GetTimestamp(), process.TotalProcessorTime + (silos?.Invoke() ?? TimeSpan.Zero), used);
    }

    /// <summary>The microseconds of each operation of a round; null where nobody tells.</summary>
    /// <param name="before">The reading before the round.</param>
    /// <param name="rate">The operations a second in it.</param>
    public ProcessorCost? CostSince(Reading before, double rate)
    {
        if (Read() is not { } after)
        {
            return null;
        }

        var operations = rate * Stopwatch.GetElapsedTime(before.Timestamp, after.Timestamp).TotalSeconds;
        return new ProcessorCost(
            (after.Program - before.Program).TotalMicroseconds / operations,
            (after.Database - before.Database).TotalMicroseconds / operations);
    }

    /// <summary>What was used up to a moment.</summary>
    internal readonly record struct Reading(long Timestamp, TimeSpan Program, TimeSpan Database);
}

/// <summary>The processor time of one operation, in microseconds.</summary>
internal readonly record struct ProcessorCost(double Program, double Database);
