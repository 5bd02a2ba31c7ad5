using System.Diagnostics;
using System.Text.Json;

namespace Forge.Benchmarks.Peers;

/// <summary>A program in another language or with other packages that answers each line of JSON with one.</summary>
internal sealed class PeerProgram : IAsyncDisposable
{
    private readonly Task<string> _errors;

    private PeerProgram(Process process) => (Process, _errors) = (process, process.StandardError.ReadToEndAsync());

    public Process Process { get; }

    /// <exception cref="PeerMissingException">It does not start or is not ready.</exception>
    public static async Task<PeerProgram> StartAsync(string folder, string program, params string[] arguments)
    {
        var peer = new PeerProgram(Start(folder, program, arguments, input: true));
        if (await peer.Process.StandardOutput.ReadLineAsync() is null)
        {
            throw new PeerMissingException($"{program} ended before it was ready: {FirstLine(await peer._errors)}");
        }

        return peer;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="PeerMissingException">It is not installed, or fails.</exception>
    public static async Task RunAsync(string folder, string program, params string[] arguments)
    {
        using var process = Start(folder, program, arguments, input: false);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new PeerMissingException($"{program} {arguments[0]} failed: {FirstLine(await errors + await output)}");
        }
    }

    /// <summary>Sends a line and reads the answer.</summary>
    public async Task<JsonElement> AskAsync(string line)
    {
        await TellAsync(line);
        return await NextAsync();
    }

    /// <summary>Sends a line.</summary>
    public async Task TellAsync(string line)
    {
        await Process.StandardInput.WriteLineAsync(line);
        await Process.StandardInput.FlushAsync();
    }

    /// <summary>The next line that it says.</summary>
    public async Task<JsonElement> NextAsync() => await Process.StandardOutput.ReadLineAsync() is { } line
        ? JsonDocument.Parse(line).RootElement
        : throw new InvalidOperationException($"The peer ended: {await _errors}");

    public async ValueTask DisposeAsync()
    {
        Process.StandardInput.Close();
        await Process.WaitForExitAsync();
        Process.Dispose();
    }

    private static Process Start(string folder, string program, string[] arguments, bool input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = input,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return System.Diagnostics.Process.Start(start) ?? throw new PeerMissingException($"{program} does not start.");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new PeerMissingException($"{program} is not installed.", exception);
        }
    }

    private static string FirstLine(string text) =>
        text.Split('\n').FirstOrDefault(l => l.Contains("error", StringComparison.OrdinalIgnoreCase))?.Trim() ?? "it does not say why";
}

/// <summary>A peer cannot be run here; the others can.</summary>
internal sealed class PeerMissingException(string reason, Exception? cause = null) : Exception(reason, cause);
