using Forge.Grains.Hosting;
using Microsoft.Extensions.Configuration;

namespace Forge.Grains.Tests.Hosting;

public sealed class RetentionOptionsTests
{
    [Fact]
    public void Bind_PolicyAndTimeToLive_AreRead()
    {
        var options = Bind(
            ("Policy:KeepRecent", "100"), ("Policy:KeepYoungerThan", "30.00:00:00"), ("Policy:KeepTags:0", "milestone"),
            ("TimeToLive", "90.00:00:00"));

        Assert.Equal((100, TimeSpan.FromDays(30)), (options.Retention.Policy!.KeepRecent, options.Retention.Policy.KeepYoungerThan));
        Assert.Equal(["milestone"], options.Retention.Policy.KeepTags!);
        Assert.Equal(TimeSpan.FromDays(90), options.Retention.TimeToLive);
        Assert.True(new ForgeOptionsValidator().Validate(null, options).Succeeded);
    }

    [Fact]
    public void Bind_Nothing_KeepsEverything()
    {
        var options = Bind();

        Assert.Null(options.Retention.Policy);
        Assert.Null(options.Retention.TimeToLive);
        Assert.True(new ForgeOptionsValidator().Validate(null, options).Succeeded);
    }

    [Theory]
    [InlineData("Policy:KeepRecent", "-1", "Forge:Retention:Policy", "keepRecent")]
    [InlineData("Policy:KeepYoungerThan", "00:00:00", "Forge:Retention:Policy", "keepYoungerThan")]
    [InlineData("Policy:KeepTags:0", "", "Forge:Retention:Policy", "keepTags")]
    [InlineData("TimeToLive", "00:00:00", "Forge:Retention:TimeToLive", "more than zero")]
    [InlineData("TimeToLive", "36501.00:00:00", "Forge:Retention:TimeToLive", "36500 days")]
    [InlineData("PolicyInterval", "-00:00:01", "Forge:Retention:PolicyInterval", "00:00:00")]
    [InlineData("WalkInterval", "00:00:00", "Forge:Retention:WalkInterval", "00:00:01")]
    [InlineData("EventAge", "-00:00:01", "Forge:Retention:EventAge", "00:00:00")]
    [InlineData("EventCount", "-1", "Forge:Retention:EventCount", "0")]
    [InlineData("SqliteFreeBytes", "-1", "Forge:Retention:SqliteFreeBytes", "0")]
    [InlineData("SqliteReserveBytes", "-1", "Forge:Retention:SqliteReserveBytes", "0")]
    [InlineData("SqliteLogBytes", "1000", "Forge:Retention:SqliteLogBytes", "268435456")]
    [InlineData("SqliteFreePercent", "101", "Forge:Retention:SqliteFreePercent", "100")]
    public void Validate_BadValue_IsNamedWithItsLimit(string name, string value, string setting, string limit)
    {
        var failure = Assert.Single(new ForgeOptionsValidator().Validate(null, Bind((name, value))).Failures!);

        Assert.Contains(setting, failure, StringComparison.Ordinal);
        Assert.Contains(limit, failure, StringComparison.Ordinal);
    }

    private static ForgeOptions Bind(params (string Name, string Value)[] settings)
    {
        var options = new ForgeOptions();
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create($"Forge:Retention:{s.Name}", (string?)s.Value)))
            .Build().GetSection(ForgeOptions.Section).Bind(options);
        return options;
    }
}
