using System.Diagnostics;

namespace Forge.Client;

/// <summary>What is worth knowing of an agent's process when a saved state is looked into later. A plain value to put in one.</summary>
public sealed record DebugStateSnapshot
{
    /// <summary>The process's working directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>When the process was started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The caller's numbers by name.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>The environment variables that were allowed and set, by name.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Takes a snapshot of this process.</summary>
    /// <param name="metrics">Numbers to put in, all finite; null for none.</param>
    /// <param name="allowedVariables">
    /// The exact names of the environment variables that may be put in; null for none. No others are looked at, since an
    /// environment holds secrets.
    /// </param>
    /// <exception cref="ArgumentException">A metric is no finite number, which JSON could not hold.</exception>
    public static DebugStateSnapshot Capture(
        IReadOnlyDictionary<string, double>? metrics = null, IEnumerable<string>? allowedVariables = null)
    {
        var numbers = new Dictionary<string, double>(metrics ?? new Dictionary<string, double>(), StringComparer.Ordinal);
        if (numbers.FirstOrDefault(m => !double.IsFinite(m.Value)) is { Key: { } name } odd)
        {
            throw new ArgumentException($"Metric '{name}' is {odd.Value}; it must be a finite number.", nameof(metrics));
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in allowedVariables ?? [])
        {
            if (System.Environment.GetEnvironmentVariable(variable) is { } value)
            {
                variables[variable] = value;
            }
        }

        using var process = Process.GetCurrentProcess();
        return new DebugStateSnapshot
        {
            WorkingDirectory = System.Environment.CurrentDirectory,
            StartedAt = new DateTimeOffset(process.StartTime.ToUniversalTime()),
            Metrics = numbers,
            Environment = variables,
        };
    }
}
