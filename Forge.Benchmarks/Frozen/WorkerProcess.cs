using System.Diagnostics;
using Forge.Benchmarks.Silos;

namespace Forge.Benchmarks.Frozen;

/// <summary>The worker in a child process, which can be frozen at any instant and thawed.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    public static WorkerProcess Start(SiloSettings settings, IEnumerable<int> gateways) => new(SiloProcess.StartSelf(
        [FrozenWorker.Verb, settings.Database.ToString(), settings.Place, settings.Cluster, .. gateways.Select(port => $"{port}")]));

    /// <summary>Has it work in a session.</summary>
    public Task BeginAsync(string session) => _process.StandardInput.WriteLineAsync(session);

    /// <summary>The next step that it says, as its first word and the rest.</summary>
    public async Task<(string Step, string What)> NextAsync()
    {
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The worker ended.");
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return (line[..space], line[(space + 1)..]);
    }

    /// <summary>Stops it where it is, and waits until it has stopped.</summary>
    public void Freeze() => StoppedProcess.Freeze(_process);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => StoppedProcess.Thaw(_process);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
