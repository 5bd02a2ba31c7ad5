using Forge.Grains.Tests.Http;
using Forge.Grains.Tests.Packages;
using Forge.Grains.Tests.Processes;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>The tool as it is packed, installed from a folder and run as a program of its own.</summary>
[Collection(HttpTests.Name)]
public sealed class ToolPackageTests(SiloServer server)
{
    [Fact]
    public async Task Pack_InstalledFromAFolder_SpeaksToASilo()
    {
        using var folder = new TemporaryFolder();
        var feed = Path.Combine(folder.Path, "feed");
        await Packing.PackAsync("Forge.Cli", feed);
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "nuget.config"),
            $"""<configuration><packageSources><clear /><add key="feed" value="{feed}" /></packageSources></configuration>""", TestContext.Current.CancellationToken);
        var tools = Path.Combine(folder.Path, "tools");
        await Packing.RunAsync(folder.Path, [], "dotnet", "tool", "install", "Forge.Cli", "--tool-path", tools);

        (string, string)[] environment =
            [("FORGE_URL", server.Client.BaseAddress!.ToString()), ("XDG_CONFIG_HOME", folder.Path), ("NO_COLOR", "1")];
        var forge = Path.Combine(tools, OperatingSystem.IsWindows() ? "forge.exe" : "forge");
        var session = $"tool-{Guid.NewGuid():N}";

        Assert.StartsWith("0.1.0", await Packing.RunAsync(folder.Path, environment, forge, "--version"), StringComparison.Ordinal);
        Assert.Equal("Saved #1 on main (7 B).", await Packing.RunAsync(folder.Path, environment, forge, "checkpoint", "create", session, "-m", "one", "-s", """{"a":1}"""));
        Assert.Equal("""{"a":1}""", await Packing.RunAsync(folder.Path, environment, forge, "checkpoint", "show", session, "--state-only"));
        var refused = await ProgramRun.RunAsync(folder.Path, environment, forge, "checkpoint", "show", session, "9");
        Assert.Equal(3, refused!.Status);
    }
}
