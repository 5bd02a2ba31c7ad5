using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Forge.Grains.Hosting;

namespace Forge.Testing.Processes;

/// <summary>
/// The silo that was built beside this program, as a process of its own, which can be killed and started again with the same
/// settings. Waits for what the silo prints, never for time.
/// </summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string[] _arguments;
    private readonly PortReservation[] _ports;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentBag<(string Text, TaskCompletionSource Said)> _awaited = [];
    private string _folder = AppContext.BaseDirectory;
    private Process? _process;

    private SiloProcess(string[] arguments, PortReservation[] ports)
    {
        (_arguments, _ports) = (arguments, ports);
        Client = new HttpClient { BaseAddress = ports is [var http, ..] ? new Uri($"http://127.0.0.1:{http.Port}") : null };
    }

    /// <summary>Speaks to the silo, also after it was started again.</summary>
    public HttpClient Client { get; }

    /// <summary>Where other silos reach it, in all its lives.</summary>
    public int SiloPort => _ports[1].Port;

    /// <summary>Where Orleans' clients reach it, in all its lives.</summary>
    public int GatewayPort => _ports[2].Port;

    /// <summary>The processor time that its present life has used.</summary>
    public TimeSpan ProcessorTime()
    {
        _process!.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>What the silo has printed, of all its lives.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>What Forge itself has printed: Orleans and the web server may warn of a machine that is too busy to be on time.</summary>
    public IEnumerable<string> OwnLines => OwnLinesOf(Output);

    /// <summary>The lines of an output that Forge itself printed.</summary>
    public static IEnumerable<string> OwnLinesOf(string output) =>
        output.Split('\n').Where(line => !line.Contains(" warn: Orleans.", StringComparison.Ordinal)
            && !line.Contains(" warn: Microsoft.", StringComparison.Ordinal));

    /// <summary>Starts a silo and waits until it says that it is ready.</summary>
    /// <param name="settings">Settings as on the command line: <c>--Forge:Data</c> and its value.</param>
    public static Task<SiloProcess> StartAsync(params string[] settings) => StartFromAsync(AppContext.BaseDirectory, settings);

    /// <summary>Starts a silo of another build and waits until it says that it is ready.</summary>
    /// <param name="folder">The folder of its program.</param>
    /// <param name="settings">Settings as on the command line: <c>--Forge:Data</c> and its value.</param>
    public static async Task<SiloProcess> StartFromAsync(string folder, params string[] settings)
    {
        // Kept for all lives of the silo, which comes back at its old address.
        PortReservation[] ports = [.. Enumerable.Range(0, 3).Select(_ => PortReservation.Take(IPAddress.Loopback))];
        var silo = new SiloProcess(
            [
                "--urls", $"http://127.0.0.1:{ports[0].Port}", "--Forge:SiloPort", $"{ports[1].Port}",
                "--Forge:GatewayPort", $"{ports[2].Port}", .. settings,
            ],
            ports);
        await silo.StartAgainFromAsync(folder);
        return silo;
    }

    /// <summary>Runs a silo that is expected to end by itself, and answers its exit code with all it printed.</summary>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(params string[] arguments)
    {
        await using var silo = new SiloProcess(arguments, []);
        var process = silo.Launch(_ => { });
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, silo.Output);
    }

    /// <summary>Starts the silo if it is not running, with the settings it had.</summary>
    public Task StartAgainAsync() => StartAgainFromAsync(_folder);

    /// <summary>The same from another build, for this life and those that follow.</summary>
    /// <param name="folder">The folder of its program.</param>
    public async Task StartAgainFromAsync(string folder)
    {
        _folder = folder;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = Launch(line =>
        {
            if (line is null)
            {
                ready.TrySetException(new InvalidOperationException($"The silo ended before it was ready:\n{Output}"));
            }
            else if (line.Contains("is ready at", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        });
        await ready.Task.WaitAsync(Patience);
        if (process.HasExited)
        {
            throw new InvalidOperationException($"The silo ended at once:\n{Output}");
        }
    }

    /// <summary>Over once the silo has printed a line with a text, in this life of it or an earlier one.</summary>
    public async Task UntilItSaysAsync(string text)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _awaited.Add((text, said));
        if (_lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            said.TrySetResult();
        }

        await said.Task.WaitAsync(Patience);
    }

    /// <summary>Kills the silo as a crash would: nothing of it runs any more when this returns.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the silo to stop and waits until it has, answering its exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process!.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Kills the silo if it runs, and lets its ports go.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process?.Dispose();
        foreach (var port in _ports)
        {
            port.Dispose();
        }
    }

    private Process Launch(Action<string?> onLine)
    {
        _process?.Dispose();
        _process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [Path.Combine(_folder, "Forge.Silo.dll"), .. _arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Receive(line.Data);
        _process.ErrorDataReceived += (_, line) => Receive(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        return _process;

        void Receive(string? line)
        {
            if (line is not null)
            {
                _lines.Enqueue(line);
                foreach (var (_, said) in _awaited.Where(awaited => line.Contains(awaited.Text, StringComparison.Ordinal)))
                {
                    said.TrySetResult();
                }
            }

            onLine(line);
        }
    }
}
