using System.IO.Compression;
using System.Xml.Linq;

namespace Forge.Grains.Tests.Packages;

/// <summary>The packages for .NET, as they are made from what was built, and an empty project that is given them.</summary>
public sealed class NuGetPackagesTests
{
    private static readonly string[] Packed =
        ["Forge.Abstractions", "Forge.AgentFramework", "Forge.Client", "Forge.Differences", "Forge.Documents", "Forge.Embedded", "Forge.Grains", "Forge.History"];

    [Fact]
    public async Task Pack_InstalledIntoAnEmptyProject_SavesAndRestores()
    {
        using var folder = new TemporaryFolder();
        var feed = Path.Combine(folder.Path, "feed");
        foreach (var name in Packed)
        {
            await Packing.PackAsync(name, feed);
        }

        Assert.All(Packed, name => AssertWhole(feed, name));
        Assert.Equal(Packed, Directory.EnumerateFiles(feed, "*.nupkg").Select(file => IdOf(Nuspec(file))).Order());

        var project = Directory.CreateDirectory(Path.Combine(folder.Path, "agent")).FullName;
        await File.WriteAllTextAsync(Path.Combine(project, "agent.csproj"), ProjectOf(VersionOf(feed)), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), Program, TestContext.Current.CancellationToken);

        // What the packages stand on was restored with this project, and is taken from there; ours come from the feed alone.
        await Packing.RunAsync(
            project, [], "dotnet", "restore", "--nologo", $"-p:RestoreAdditionalProjectSources={feed}", $"-p:RestorePackagesPath={Path.Combine(folder.Path, "packages")}",
            $"-p:RestoreFallbackFolders={GlobalPackages()}");
        var said = await Packing.RunAsync(project, [], "dotnet", "run", "--no-restore");

        Assert.Contains("CheckpointManager, 2 checkpoints, the current one is 1: began", said, StringComparison.Ordinal);
    }

    private const string Program = """
        using Forge.AgentFramework;
        using Forge.Client;
        using Forge.Embedded;
        using Microsoft.Agents.AI.Workflows;
        using Microsoft.Extensions.DependencyInjection;
        using Microsoft.Extensions.Hosting;
        using Microsoft.Extensions.Logging;

        var builder = Host.CreateApplicationBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddForgeEmbedded().AddForgeCheckpointStore();
        using var host = builder.Build();
        await host.StartAsync();

        var session = host.Services.GetRequiredService<IForgeClient>().Session("agent-7");
        await session.CheckpointAsync(new Step(1), "began");
        await session.CheckpointAsync(new Step(2), "went on");
        var back = await session.RestoreAsync<Step>(1);
        var info = await session.InfoAsync();
        var workflows = host.Services.GetRequiredService<CheckpointManager>();
        Console.WriteLine($"{workflows.GetType().Name}, {info!.Count} checkpoints, the current one is {back.Checkpoint!.State!.Number}: {back.Checkpoint.Summary.Message}");
        await host.StopAsync();

        record Step(int Number);
        """;

    private static string ProjectOf(string version) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Forge.AgentFramework" Version="{version}" />
            <PackageReference Include="Forge.Embedded" Version="{version}" />
          </ItemGroup>
        </Project>
        """;

    /// <summary>What whoever publishes a package is asked for, and its symbols beside it.</summary>
    private static void AssertWhole(string feed, string name)
    {
        var file = Directory.EnumerateFiles(feed, $"{name}.*.nupkg").Single();
        var nuspec = Nuspec(file);
        foreach (var element in new[] { "description", "license", "readme", "tags", "authors" })
        {
            Assert.False(string.IsNullOrWhiteSpace(Element(nuspec, element)), $"{name} has no {element}");
        }

        using var archive = ZipFile.OpenRead(file);
        var entries = archive.Entries.Select(entry => entry.FullName).ToList();
        Assert.Contains($"lib/net10.0/{name}.dll", entries);
        Assert.Contains($"lib/net10.0/{name}.xml", entries);
        Assert.Contains(Element(nuspec, "readme"), entries);
        using var symbols = ZipFile.OpenRead(Path.ChangeExtension(file, ".snupkg"));
        Assert.Contains(symbols.Entries, entry => entry.FullName == $"lib/net10.0/{name}.pdb");
    }

    private static XDocument Nuspec(string file)
    {
        using var archive = ZipFile.OpenRead(file);
        using var stream = archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream);
    }

    private static string Element(XDocument nuspec, string name) => nuspec.Descendants().FirstOrDefault(e => e.Name.LocalName == name)?.Value ?? "";

    private static string IdOf(XDocument nuspec) => Element(nuspec, "id");

    /// <summary>The one version that all of them have.</summary>
    private static string VersionOf(string feed) =>
        Assert.Single(Directory.EnumerateFiles(feed, "*.nupkg").Select(file => Element(Nuspec(file), "version")).Distinct());

    private static string GlobalPackages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
