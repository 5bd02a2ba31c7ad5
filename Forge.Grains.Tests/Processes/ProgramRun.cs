using System.ComponentModel;
using System.Diagnostics;

namespace Forge.Grains.Tests.Processes;

/// <summary>What became of a program that ran to its end.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">What it wrote.</param>
internal sealed record ProgramRun(int Status, string Output)
{
    /// <summary>Runs a program to its end; null if there is none of this name.</summary>
    /// <param name="folder">Where it is run.</param>
    /// <param name="environment">What it is told beside the environment of the tests.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<ProgramRun?> RunAsync(
        string folder, IReadOnlyList<(string Name, string Value)> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            // It is not on the path.
            return null;
        }

        using (process!)
        {
            try
            {
                var error = process!.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                return new ProgramRun(process.ExitCode, $"{output.Trim()}{await error}");
            }
            finally
            {
                if (!process!.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }
}
