using System.Net;
using System.Runtime.InteropServices;
using Forge.Grains.Hosting;
using Forge.Grains.Tests.Packages;
using Forge.Grains.Tests.Processes;

namespace Forge.Grains.Tests.Guide;

/// <summary>The page that a newcomer begins with.</summary>
public sealed class GettingStartedTests
{
    /// <summary>
    /// Everything is run as the page has it, in a folder of its own, and answers as the page says. Others are the folder of the clone and the ports; and what the page
    /// builds of Forge is what the tests were built with.
    /// </summary>
    [Fact]
    public async Task GettingStarted_AsItStands_AnswersAsItSays()
    {
        var clone = Packing.RootFolder();
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "getting-started.md"), TestContext.Current.CancellationToken);
        using var folder = new TemporaryFolder();
        using var http = PortReservation.Take(IPAddress.Loopback);
        using var gateway = PortReservation.Take(IPAddress.Loopback);
        using var silo = PortReservation.Take(IPAddress.Loopback);
        var guide = new GuidePage(page);
        var marker = $"<{Guid.NewGuid():N}>";
        var script = guide.ToScript(marker)
            .Replace("dotnet build ../forge/Forge.Cli\n", "", StringComparison.Ordinal)
            .Replace("../forge/Forge.Cli/bin/Debug/", $"{clone}/Forge.Cli/bin/{Packing.Configuration}/", StringComparison.Ordinal);
        var program = guide.Program
            .Replace("../forge/", $"{clone}/", StringComparison.Ordinal)
            .Replace("127.0.0.1:30000", $"127.0.0.1:{gateway.Port}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "agent.cs"), program, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "commands.sh"),
            $"trap 'kill -9 $(jobs -p) 2>/dev/null' EXIT\nexec 2>&1\nunset FORGE_KEY FORGE_PROFILE\n{script}", TestContext.Current.CancellationToken);

        // A command that waits for what does not come is ended; the page itself has no bounds.
        var run = await ProgramRun.RunAsync(
            folder.Path,
            [
                ("FORGE_URL", $"http://127.0.0.1:{http.Port}"), ("ASPNETCORE_URLS", $"http://127.0.0.1:{http.Port}"), ("Forge__GatewayPort", $"{gateway.Port}"),
                ("Forge__SiloPort", $"{silo.Port}"), ("XDG_CONFIG_HOME", folder.Path), ("DOTNET_ROOT", DotnetRoot()), ("Configuration", Packing.Configuration),
                ("BuildProjectReferences", "false"), ("UseSharedCompilation", "false"), ("MSBUILDDISABLENODEREUSE", "1"),
            ],
            "timeout", "300", "bash", "commands.sh");

        Assert.SkipWhen(run is null, "There is no bash here, or nothing that bounds its time.");
        var actual = guide.With(run!.Output + "\n", marker);

        // Beside the expected one, for whoever has to compare the two.
        if (actual != page)
        {
            await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, "docs", "getting-started.md.actual"), actual, TestContext.Current.CancellationToken);
        }

        Assert.Equal(page, actual);
    }

    private static string DotnetRoot() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
}
