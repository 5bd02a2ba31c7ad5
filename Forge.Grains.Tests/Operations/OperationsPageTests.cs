using System.Text.RegularExpressions;
using Forge.Grains.Telemetry;
using Forge.History.Telemetry;

namespace Forge.Grains.Tests.Operations;

/// <summary>The page for operators names what there is.</summary>
public sealed class OperationsPageTests
{
    /// <summary>What instruments are told apart by, and spans have.</summary>
    private static readonly string[] Tags =
    [
        "forge.operation", "forge.outcome", "forge.source", "forge.basis", "forge.tenant", "forge.batch", "forge.due.kind", "forge.effect.status",
    ];

    private static string Page => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "operations.md"));

    /// <summary>What stands between backquotes on one line.</summary>
    private static IEnumerable<string> Quoted => Regex.Matches(Page, "`([^`\n]+)`").Select(match => match.Groups[1].Value);

    [Fact]
    public void Settings_All_AreThoseOfASilo()
    {
        var named = Quoted.SelectMany(text => Regex.Matches(text, @"\bForge(:[A-Za-z]+)+").Select(match => match.Value))
            .Concat(Regex.Matches(Page, @"--(Forge(:[A-Za-z]+)+)").Select(match => match.Groups[1].Value))
            .Concat(Quoted.Where(text => text.StartsWith("Forge__", StringComparison.Ordinal)).Select(text => text.Replace("__", ":", StringComparison.Ordinal)))
            .Distinct().ToList();

        Assert.Contains("Forge:Drain:Delay", named);
        Assert.Contains("Forge:AdvertisedAddress", named);
        Assert.All(named, name => Assert.True(SiloSettings.Has(name), $"{name} is no setting"));
    }

    [Fact]
    public async Task Instruments_All_AreThoseThatASiloHas()
    {
        var named = Quoted.Where(text => Regex.IsMatch(text, @"^forge\.[a-z_.]+$")).Distinct().Except(Tags).ToList();
        await using var silo = await OperatedSilo.StartAsync("--Forge:Database", "Memory");
        var there = silo.Instruments(GrainInstruments.Name, HistoryInstruments.Name);

        Assert.Contains("forge.writer.waiting.age", named);
        Assert.Subset(there.Append("forge.db").ToHashSet(), named.ToHashSet());
    }

    [Fact]
    public void Links_WithinThePage_HaveTheirHeading()
    {
        var headings = Regex.Matches(Page, "^#+ (.+)$", RegexOptions.Multiline)
            .Select(match => Regex.Replace(match.Groups[1].Value.ToLowerInvariant(), "[^a-z0-9 -]", "").Replace(' ', '-')).ToHashSet();
        var linked = Regex.Matches(Page, @"\]\(#([^)]+)\)").Select(match => match.Groups[1].Value).ToHashSet();

        Assert.NotEmpty(linked);
        Assert.Subset(headings, linked);
    }
}
