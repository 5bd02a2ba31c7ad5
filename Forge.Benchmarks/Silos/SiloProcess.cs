using System.Diagnostics;
using System.Globalization;

namespace Forge.Benchmarks.Silos;

/// <summary>A silo in a child process.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SiloProcess(Process process, int gatewayPort) => (_process, GatewayPort) = (process, gatewayPort);

    public int GatewayPort { get; }

    /// <summary>The processor time that it has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<SiloProcess> StartAsync(SiloSettings settings)
    {
        var process = StartSelf([SiloWorker.Verb, settings.Database.ToString(), settings.Place, settings.Cluster]);
        var port = await process.StandardOutput.ReadLineAsync();
        return int.TryParse(port, CultureInfo.InvariantCulture, out var gateway)
            ? new SiloProcess(process, gateway)
            : throw new InvalidOperationException("The silo process ended before it was ready.");
    }

    /// <summary>Starts this program as a child, whose standard input and output are this one's to use.</summary>
    public static Process StartSelf(IEnumerable<string> arguments)
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The benchmark's own program is not known.");
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };

        // If the runtime's host runs the assembly, that comes first.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(typeof(SiloProcess).Assembly.Location);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The child process does not start.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
