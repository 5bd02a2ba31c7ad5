using System.Globalization;

namespace Forge.Benchmarks.Databases;

/// <summary>Processor time of a process with its children, if the system has <c>/proc</c>.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100;

    // Places in /proc/PID/stat, counted from the field behind the name, which may hold spaces itself.
    private const int Parent = 1;
    private const int User = 11;
    private const int System = 12;
    private const int EndedChildrenUser = 13;
    private const int EndedChildrenSystem = 14;

    /// <summary>The time that the process, its children and those of them that have ended used; null if nobody tells.</summary>
    public static TimeSpan? ProcessorTime(int process)
    {
        if (Stat(process) is not { } root)
        {
            return null;
        }

        var ticks = Number(root, User) + Number(root, System) + Number(root, EndedChildrenUser) + Number(root, EndedChildrenSystem);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var other)
                && Stat(other) is { } stat && Number(stat, Parent) == process)
            {
                ticks += Number(stat, User) + Number(stat, System);
            }
        }

        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    private static string[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            // It has ended, or there is no such folder here.
            return null;
        }
    }

    private static long Number(string[] stat, int place) => long.Parse(stat[place], CultureInfo.InvariantCulture);
}
