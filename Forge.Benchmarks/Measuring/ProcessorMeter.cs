using System.Diagnostics;
using Forge.Benchmarks.Databases;
using Forge.Testing.PostgreSql;

namespace Forge.Benchmarks.Measuring;

/// <summary>
/// Measures the processor time of each operation of a round: of this program, of silo processes, and of the database.
/// It says where the time goes, and swings less than a rate if the machine is shared with others.
/// </summary>
internal sealed class ProcessorMeter
{
    private readonly (string Name, Func<TimeSpan?> Read)[] _sources;

    /// <param name="server">The database; null if its work is this program's own.</param>
    /// <param name="silos">What silo processes have used.</param>
    public ProcessorMeter(DatabaseServer? server, params Func<TimeSpan>[] silos) => _sources =
    [
        ("cpu", ReadProgram),
        .. server is null ? [] : new (string, Func<TimeSpan?>)[] { ("cpu-database", () => ProcessTree.ProcessorTime(server.ProcessId)) },
        .. silos.Length == 0
            ? []
            : new (string, Func<TimeSpan?>)[] { ("cpu-silo", () => silos.Aggregate(TimeSpan.Zero, (sum, used) => sum + used())) },
    ];

    public Reading Read() => new(Stopwatch.GetTimestamp(), Array.ConvertAll(_sources, s => s.Read()));

    /// <summary>The microseconds of each operation, by the name of the source; empty of what the system does not tell.</summary>
    /// <param name="before">The reading before the round.</param>
    /// <param name="rate">The operations a second in it.</param>
    public IEnumerable<(string Name, double Microseconds)> CostsSince(Reading before, double rate)
    {
        var after = Read();
        var operations = rate * Stopwatch.GetElapsedTime(before.Timestamp, after.Timestamp).TotalSeconds;
        for (var i = 0; i < _sources.Length; i++)
        {
            if (after.Used[i] - before.Used[i] is { } used)
            {
                yield return (_sources[i].Name, used.TotalMicroseconds / operations);
            }
        }
    }

    private static TimeSpan? ReadProgram()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    /// <summary>What was used up to a moment.</summary>
    internal sealed record Reading(long Timestamp, TimeSpan?[] Used);
}
