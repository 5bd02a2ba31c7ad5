namespace Forge.Grains.Tests.Architecture;

/// <summary>What may use what, in the compiled assemblies. <c>docs/architecture.md</c> says why.</summary>
public sealed class DependencyTests
{
    /// <summary>The projects, each with all of Forge that it may use.</summary>
    public static TheoryData<string, string[]> Projects { get; } = new()
    {
        { "Forge.Abstractions", [] },
        { "Forge.Differences", [] },
        { "Forge.Documents", ["Forge.Abstractions"] },
        { "Forge.History", ["Forge.Abstractions"] },
        { "Forge.Client", ["Forge.Abstractions", "Forge.Documents"] },
        { "Forge.AgentFramework", ["Forge.Abstractions", "Forge.Client"] },
        { "Forge.Grains", ["Forge.Abstractions", "Forge.Differences", "Forge.Documents", "Forge.History"] },
        { "Forge.Silo", ["Forge.Abstractions", "Forge.Documents", "Forge.History", "Forge.Grains"] },
        { "Forge.Embedded", ["Forge.Abstractions", "Forge.Client", "Forge.Grains"] },
        { "Forge.Cli", ["Forge.Silo"] },
    };

    public static TheoryData<string> WithoutRuntime { get; } = ["Forge.Abstractions", "Forge.Differences", "Forge.Documents", "Forge.History"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_OfAProject_PointOneWay(string project, string[] allowed) =>
        Assert.Subset(allowed.ToHashSet(), References(project).Where(name => name.StartsWith("Forge.", StringComparison.Ordinal)).ToHashSet());

    [Theory]
    [InlineData("Forge.Abstractions")]
    [InlineData("Forge.Differences")]
    [InlineData("Forge.Documents")]
    [InlineData("Forge.History")]
    [InlineData("Forge.Client")]
    [InlineData("Forge.AgentFramework")]
    [InlineData("Forge.Grains")]
    [InlineData("Forge.Silo")]
    [InlineData("Forge.Embedded")]
    [InlineData("Forge.Cli")]
    public void Namespaces_OfAProject_FormNoCycle(string project)
    {
        var cycle = new NamespaceGraph(project).ShortestCycle();

        Assert.True(cycle.Count == 0, $"{project} has a cycle:\n{string.Join('\n', cycle)}");
    }

    [Theory]
    [MemberData(nameof(WithoutRuntime))]
    public void References_OfAProjectWithoutARuntime_HaveNone(string project) =>
        Assert.DoesNotContain(References(project), name => name is "Orleans.Runtime" or "Orleans.Core" or "Orleans.Server" or "Orleans.Client");

    [Fact]
    public void References_OfDifferences_AreTheFrameworkAlone() =>
        Assert.All(References("Forge.Differences"), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    private static List<string> References(string project)
    {
        using var module = CompiledProjects.Read(project);
        return [.. module.AssemblyReferences.Select(reference => reference.Name)];
    }
}
