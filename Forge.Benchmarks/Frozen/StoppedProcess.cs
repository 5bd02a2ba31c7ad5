using System.Diagnostics;

namespace Forge.Benchmarks.Frozen;

/// <summary>Stops a process where it is, at any instant, and lets it go on.</summary>
internal static class StoppedProcess
{
    /// <summary>Stops it, and waits until it has stopped.</summary>
    public static void Freeze(Process process)
    {
        Signal(process, "-STOP");
        while (!File.ReadAllText($"/proc/{process.Id}/stat").Contains(") T ", StringComparison.Ordinal))
        {
            Thread.Yield();
        }
    }

    /// <summary>Lets it go on.</summary>
    public static void Thaw(Process process) => Signal(process, "-CONT");

    private static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{process.Id}"]);
        kill.WaitForExit();
    }
}
