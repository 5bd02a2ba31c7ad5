using Forge.Grains.Tests.Processes;

namespace Forge.Grains.Tests.Packages;

/// <summary>Makes packages of what was built, and runs the programs that take them.</summary>
internal static class Packing
{
#if DEBUG
    /// <summary>What the tests, and all that they are of, were built as.</summary>
    public const string Configuration = "Debug";
#else
    /// <summary>What the tests, and all that they are of, were built as.</summary>
    public const string Configuration = "Release";
#endif

    /// <summary>Packs a project into a folder, as it was built with the tests. Skips the test where the projects are not.</summary>
    public static Task PackAsync(string project, string feed) =>
        RunAsync(RootFolder(), [], "dotnet", "pack", project, "--no-build", "--nologo", "-c", Configuration, "-o", feed);

    /// <summary>What a program says that has to succeed.</summary>
    public static async Task<string> RunAsync(string folder, (string, string)[] environment, string program, params string[] arguments)
    {
        var run = await ProgramRun.RunAsync(folder, environment, program, arguments);
        Assert.True(run is { Status: 0 }, $"{program} {string.Join(' ', arguments)}\n{run?.Output}");
        return run!.Output;
    }

    /// <summary>Where the projects are. Skips the test where they are not.</summary>
    public static string RootFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "forge.sln")))
        {
            folder = folder.Parent;
        }

        Assert.SkipWhen(folder is null, "The projects are not here.");
        return folder!.FullName;
    }
}
