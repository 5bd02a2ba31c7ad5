using System.Text.Json;
using Forge.Cli.Hosting;

namespace Forge.Grains.Tests.CommandLine;

/// <summary>Watching goes on behind the last event, whatever becomes of the silo.</summary>
public sealed class WatchCommandTests
{
    [Theory]
    [InlineData("watch", "watched")]
    [InlineData("watch", "--prefix", "watched")]
    public async Task Watch_SiloKilledAndStartedAgain_TellsEveryEventOnce(params string[] command)
    {
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync("--Forge:Data", folder.Path);
        using var other = CommandLineRun.For(silo.Client.BaseAddress!);
        await other.DoneAsync("checkpoint", "create", "watched", "-m", "before", "-s", "1");
        using var run = CommandLineRun.For(silo.Client.BaseAddress!);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var output = new WatchedOutput(_ => first.TrySetResult());
        run.Output = output;

        var watching = run.RunAsync([.. command, "--all", "--json", "--count", "4"]);
        await first.Task.WaitAsync(TestContext.Current.CancellationToken);
        await silo.KillAsync();
        await silo.StartAgainAsync();
        for (var i = 0; i < 3; i++)
        {
            await other.DoneAsync("checkpoint", "create", "watched", "-m", $"after {i}", "-s", "1");
        }

        var result = await watching;

        Assert.Equal(ExitCode.Done, result.Code);
        Assert.Equal([1, 2, 3, 4], output.Text.TrimEnd('\n').Split('\n').Select(PositionOf));
        Assert.Contains("The silo is back.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_PositionThatIsNotKept_EndsAndSaysWhereToGoOn()
    {
        await using var silo = await StubSilo.StartAsync(_ => StubAnswer.Problem(System.Net.HttpStatusCode.Gone, "position_expired"));
        using var run = CommandLineRun.For(silo.Url);

        var result = await run.RunAsync("watch", "s", "--after", "1");

        Assert.Equal(ExitCode.NotFound, result.Code);
        Assert.Contains("go on after", result.Error, StringComparison.Ordinal);
    }

    private static long PositionOf(string line)
    {
        var json = JsonDocument.Parse(line).RootElement;
        return (json.TryGetProperty("event", out var happened) ? happened : json).GetProperty("position").GetInt64();
    }
}
