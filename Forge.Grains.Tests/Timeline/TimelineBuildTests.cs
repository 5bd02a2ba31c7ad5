using Forge.Grains.Tests.Node;
using Forge.Grains.Tests.Processes;
using Forge.Silo.Timeline;

namespace Forge.Grains.Tests.Timeline;

/// <summary>The sources of the page, and that what is committed is what they give.</summary>
[Collection(TimelineTests.Name)]
public sealed class TimelineBuildTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "clients", "timeline");

    [Fact]
    public async Task Sources_RunByNode_PassTheirTests()
    {
        var files = await new NodePackage("timeline").RunTestsAsync();

        Assert.Equal(
            ["chunks.test.ts", "json.test.ts", "layout.test.ts", "patch.test.ts", "texts.test.ts"], files.Select(file => file.File).Order(StringComparer.Ordinal));
        Assert.All(files, file => Assert.True(file.Passed > 0));
    }

    [Fact]
    public async Task Files_BuiltAgain_AreThoseThatAreCommitted()
    {
        await NodePrograms.RequirePackagesAsync(Folder);
        using var built = new TemporaryFolder();

        var run = await ProgramRun.RunAsync(Folder, [], "npx", "--no-install", "vite", "build", "--outDir", built.Path, "--emptyOutDir");

        Assert.True(run is { Status: 0 }, run?.Output);
        var files = Directory.EnumerateFiles(built.Path, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(built.Path, file).Replace('\\', '/')).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(TimelineFiles.Names.Order(StringComparer.Ordinal), files);
        foreach (var name in files)
        {
            Assert.Equal(
                TimelineFiles.Find(name)!.Plain,
                await File.ReadAllBytesAsync(Path.Combine(built.Path, name), TestContext.Current.CancellationToken));
        }
    }
}
