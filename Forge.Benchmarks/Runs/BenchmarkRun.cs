using Forge.Benchmarks.Databases;
using Forge.Benchmarks.Measuring;
using Forge.Benchmarks.Reporting;
using Forge.Testing.PostgreSql;

namespace Forge.Benchmarks.Runs;

/// <summary>One run of a scenario: what was asked for, what it may use, and what it found. Removes what it made.</summary>
internal sealed class BenchmarkRun(BenchmarkArguments arguments, RunProgress progress) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forge-bench-");
    private DatabaseServer? _postgreSql;
    private int _folders;

    /// <summary>What was asked for; a scenario that is made of others changes it for each of them.</summary>
    public BenchmarkArguments Arguments { get; set; } = arguments;

    public RunProgress Progress { get; } = progress;

    public BenchmarkReport Report { get; } = new(arguments.Scenario, arguments.Quick);

    /// <summary>A server of this run's own, started when it is first asked for.</summary>
    public DatabaseServer PostgreSql => _postgreSql ??= BenchmarkServer.Start();

    /// <summary>A new folder on the disk that the private databases are on.</summary>
    public string NewFolder() => _folder.CreateSubdirectory($"{_folders++}").FullName;

    /// <summary>The rounds of a scenario, unless the command line says otherwise.</summary>
    public RoundPlan Rounds(int rounds, double seconds) => new(
        Arguments.Rounds ?? (Arguments.Quick ? Math.Min(rounds, 3) : rounds),
        TimeSpan.FromSeconds(Arguments.Seconds ?? (Arguments.Quick ? Math.Min(seconds, 0.7) : seconds)),
        TimeSpan.FromSeconds(Arguments.Quick ? 0.5 : 20));

    public ValueTask DisposeAsync()
    {
        _postgreSql?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
