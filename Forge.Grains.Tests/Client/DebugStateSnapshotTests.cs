using System.Diagnostics;
using System.Text.Json;
using Forge.Client;

namespace Forge.Grains.Tests.Client;

public class DebugStateSnapshotTests
{
    [Fact]
    public void Capture_AllowList_TakesThoseVariablesAlone()
    {
        Environment.SetEnvironmentVariable("FORGE_TEST_ALLOWED", "yes");
        Environment.SetEnvironmentVariable("FORGE_TEST_ALLOWED_SECRET", "no");

        var snapshot = DebugStateSnapshot.Capture(allowedVariables: ["FORGE_TEST_ALLOWED", "FORGE_TEST_NEVER_SET"]);

        Assert.Equal(new Dictionary<string, string> { ["FORGE_TEST_ALLOWED"] = "yes" }, snapshot.Environment);
    }

    [Fact]
    public void Capture_NothingAllowed_TakesNoVariable() => Assert.Empty(DebugStateSnapshot.Capture().Environment);

    [Fact]
    public void Capture_ThisProcess_SaysWhereAndSinceWhen()
    {
        using var process = Process.GetCurrentProcess();

        var snapshot = DebugStateSnapshot.Capture(new Dictionary<string, double> { ["tokens"] = 12.5 });

        Assert.Equal(Environment.CurrentDirectory, snapshot.WorkingDirectory);
        Assert.Equal(new DateTimeOffset(process.StartTime.ToUniversalTime()), snapshot.StartedAt);
        Assert.Equal(TimeSpan.Zero, snapshot.StartedAt.Offset);
        Assert.Equal(12.5, snapshot.Metrics["tokens"]);
    }

    [Fact]
    public void Capture_AsJson_ComesBackTheSame()
    {
        var snapshot = DebugStateSnapshot.Capture(new Dictionary<string, double> { ["a"] = 0.1 });

        var back = JsonSerializer.Deserialize<DebugStateSnapshot>(JsonSerializer.Serialize(snapshot));

        Assert.Equivalent(snapshot, back, strict: true);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Capture_MetricThatIsNoNumber_IsRefusedByName(double value)
    {
        var error = Assert.Throws<ArgumentException>(
            () => DebugStateSnapshot.Capture(new Dictionary<string, double> { ["ok"] = 1, ["loss"] = value }));

        Assert.Contains("'loss'", error.Message, StringComparison.Ordinal);
    }
}
