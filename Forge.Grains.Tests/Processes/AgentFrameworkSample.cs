using System.Diagnostics;

namespace Forge.Grains.Tests.Processes;

/// <summary>A run of the program of <c>samples/agent-framework</c> as a process of its own.</summary>
internal static class AgentFrameworkSample
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Beside the tests', built with them and as they are.</summary>
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace(
            Path.Combine("Forge.Grains.Tests", "bin"), Path.Combine("samples", "agent-framework", "bin"), StringComparison.Ordinal),
        "agent-framework.dll");

    /// <summary>Runs it to its end, or kills it with SIGKILL as soon as it has printed so many lines that say <c>saved</c>.</summary>
    /// <param name="words">Its arguments.</param>
    /// <param name="killAfter">How many; null to let it come to its end.</param>
    /// <returns>Its exit code, null if it was killed, and what it printed.</returns>
    public static async Task<(int? ExitCode, IReadOnlyList<string> Lines)> RunAsync(string[] words, int? killAfter = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Program, .. words]) { RedirectStandardOutput = true })!;
        try
        {
            var (lines, saved, isKilled) = (new List<string>(), 0, false);
            while (await process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(Patience, cancel) is { } line)
            {
                lines.Add(line);
                if (line.StartsWith("saved ", StringComparison.Ordinal) && ++saved == killAfter)
                {
                    process.Kill();
                    isKilled = true;
                }
            }

            await process.WaitForExitAsync(cancel).WaitAsync(Patience, cancel);
            return (isKilled ? null : process.ExitCode, lines);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
